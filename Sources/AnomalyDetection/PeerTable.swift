import AnomalyModels

/// Groups of peers as a table of numbers with a line for each type and measure.
struct PeerTable {
    let groups: [String: PeerGroup]

    private static let columnCount = 3 + PeerDistribution.probabilities.count

    /// One line of the table.
    private struct Key: Codable {
        var type: String
        var measure: String
    }

    init(_ groups: [String: PeerGroup]) { self.groups = groups }

    /// Puts the table into an archive, under names that begin with `prefix`.
    func encode(into archive: inout ModelArchive, prefix: String) {
        var keys: [Key] = []
        var values: [Double] = []
        for (type, group) in groups.sorted(by: { $0.key < $1.key }) {
            let sorted = group.distributions.sorted { $0.key.name < $1.key.name }
            for (measure, distribution) in sorted {
                keys.append(Key(type: type, measure: measure.name))
                values += [Double(distribution.count), distribution.center, distribution.scale]
                values += distribution.knots
            }
        }
        archive.tensors[prefix + "peers"] = Tensor(values)
        archive.encode(groups.mapValues(\.count), as: prefix + "peer_counts")
        archive.encode(keys, as: prefix + "peer_keys")
    }

    /// Reads the table of an archive; `measure` finds what a name of a measure stands for.
    init(
        _ archive: ModelArchive, prefix: String, measure named: (String) -> Measure?
    ) throws(ModelFileError) {
        let keys = try archive.decoded([Key].self, from: prefix + "peer_keys")
        let values = try DetectionModel.tensor(prefix + "peers", archive).doubles()
        guard values.count == keys.count * Self.columnCount else {
            throw ModelFileError(
                code: .wrongShape,
                message: "The tensor \(prefix)peers has \(values.count) numbers for "
                    + "\(keys.count) lines.")
        }
        var groups = try archive.decoded([String: Int].self, from: prefix + "peer_counts")
            .mapValues { PeerGroup(count: $0, distributions: [:]) }
        for (line, key) in keys.enumerated() {
            let numbers = values[line * Self.columnCount..<(line + 1) * Self.columnCount]
            guard let measure = named(key.measure), numbers.allSatisfy(\.isFinite),
                let count = Int(exactly: numbers[numbers.startIndex])
            else {
                throw ModelFileError(
                    code: .invalidModel,
                    message: "The peers of \(key.type) for \(key.measure) are not readable.")
            }
            let numbersFrom = numbers.startIndex
            groups[key.type]?.distributions[measure] = PeerDistribution(
                count: count, center: numbers[numbersFrom + 1], scale: numbers[numbersFrom + 2],
                knots: Array(numbers[(numbersFrom + 3)...]))
        }
        self.groups = groups
    }
}
