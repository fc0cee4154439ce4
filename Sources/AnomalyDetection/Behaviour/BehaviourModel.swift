package import AnomalyModels
import Foundation

/// What a training run has learnt about behaviour.
package struct BehaviourModel: Sendable, Equatable {
    /// The buckets that it was trained on; for others it is silent.
    package var bucketSeconds: Double
    /// The rhythm of the entities of a type, wherever their days lie; that of all under
    /// ``PeerGroup/everyone``.
    package var hours: [String: HourProfile]
    /// The network that rebuilds sequences; nil where too few entities had a history.
    package var autoencoder: LSTMAutoencoder?

    /// A model of these parts.
    package init(
        bucketSeconds: Double, hours: [String: HourProfile], autoencoder: LSTMAutoencoder?
    ) {
        self.bucketSeconds = bucketSeconds
        self.hours = hours
        self.autoencoder = autoencoder
    }

    /// The errors of so many buckets count, the newest: one wild day drowns in the mean of fifty.
    package static let judgedBucketCount = 4

    /// A sequence as the network sees it: what is about those met is missing where nobody was met.
    ///
    /// There 0 says no more than the numbers by direction do, and the network would spend itself on
    /// telling idle days from busy ones over and over.
    package static func networkInput(_ sequence: [Double]) -> [Double] {
        let width = BehaviourFeature.count
        var values = sequence
        for start in stride(from: 0, to: values.count, by: width)
        where values[start] == 0 && values[start + 1] == 0 {
            for feature in BehaviourFeature.allCases where feature.isAboutContacts {
                values[start + feature.rawValue] = .nan
            }
        }
        return values
    }

    /// The raw score of a sequence; NaN without a network.
    package func reconstructionScore(of sequence: [Double]) -> Double {
        guard let autoencoder,
            sequence.count == BehaviourSeries.bucketCount * BehaviourFeature.count
        else { return .nan }
        var windows = SequenceWindows(
            stepCount: BehaviourSeries.bucketCount, featureCount: BehaviourFeature.count)
        windows.append(Self.networkInput(sequence))
        return Self.score(of: autoencoder.reconstructionErrors(windows))
    }

    /// The raw score of a rebuilt sequence: log(1 + mean error of the newest buckets).
    package static func score(of errors: ReconstructionErrors, window: Int = 0) -> Double {
        let steps = errors.stepErrors(window: window).suffix(judgedBucketCount)
            .filter { !$0.isNaN }
        return steps.isEmpty ? .nan : log1p(steps.reduce(0, +) / Double(steps.count))
    }

    /// The hours of a type, or of all.
    func hours(of typeName: String) -> HourProfile {
        hours[typeName] ?? hours[PeerGroup.everyone] ?? .uniform
    }
}

/// The part of a model's archive about behaviour; absent where there is none.
extension BehaviourModel {
    private static let headName = "behaviour"
    private static let hoursName = "behaviour.hours"

    private struct Head: Codable {
        var bucketSeconds: Double
        var hourTypes: [String]
        var hasAutoencoder: Bool
    }

    func encode(into archive: inout ModelArchive) {
        let types = hours.keys.sorted()
        archive.encode(
            Head(
                bucketSeconds: bucketSeconds, hourTypes: types,
                hasAutoencoder: autoencoder != nil), as: Self.headName)
        archive.tensors[Self.hoursName] = Tensor(types.flatMap { hours[$0]?.shares ?? [] })
        for (name, tensor) in autoencoder?.tensors() ?? [:] { archive.tensors[name] = tensor }
    }

    init?(archive: ModelArchive) throws(ModelFileError) {
        guard archive.metadata[Self.headName] != nil else { return nil }
        let head = try archive.decoded(Head.self, from: Self.headName)
        guard head.bucketSeconds > 0, head.bucketSeconds.isFinite,
            let tensor = archive.tensors[Self.hoursName]
        else {
            throw ModelFileError(
                code: .invalidModel, message: "The part about behaviour is not whole.")
        }
        let shares = try tensor.doubles()
        let width = HourProfile.slotCount
        guard shares.count == head.hourTypes.count * width else {
            throw ModelFileError(
                code: .wrongShape,
                message: "The hours of \(head.hourTypes.count) types are \(shares.count) numbers.")
        }
        var hours: [String: HourProfile] = [:]
        for (place, type) in head.hourTypes.enumerated() {
            hours[type] = HourProfile(
                validating: Array(shares[place * width..<(place + 1) * width]))
            guard hours[type] != nil else {
                throw ModelFileError(
                    code: .invalidModel, message: "The hours of \(type) are no shares.")
            }
        }
        var autoencoder: LSTMAutoencoder?
        if head.hasAutoencoder {
            let network = try LSTMAutoencoder(tensors: archive.tensors)
            guard network.architecture.stepCount == BehaviourSeries.bucketCount,
                network.architecture.featureCount == BehaviourFeature.count
            else {
                throw ModelFileError(
                    code: .wrongShape,
                    message: "The network rebuilds other windows than this version has.")
            }
            autoencoder = network
        }
        self.init(
            bucketSeconds: head.bucketSeconds, hours: hours, autoencoder: autoencoder)
    }
}
