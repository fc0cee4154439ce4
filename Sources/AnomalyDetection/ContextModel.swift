// Homophily: that those who are related are alike (M. McPherson, L. Smith-Lovin, J. M. Cook, "Birds of a
// Feather: Homophily in Social Networks", Annual Review of Sociology 27, 2001,
// 10.1146/annurev.soc.27.1.415). Tags weigh by their rarity (K. Sparck Jones, "A statistical interpretation
// of term specificity and its application in retrieval", Journal of Documentation 28(1), 1972,
// 10.1108/eb026526). What is usual for an entity is measured on random entities of its own type, so an entity
// with few or common tags is not strange for that.

import AnomalyModels

/// What a training run knows about tags and watched numbers: how rare a tag is, how numbers spread, and some
/// entities of each type to compare with.
///
/// All of it is frozen with the model. So a change of one entity's tags costs that entity and its
/// neighbours, and the same graph and model give the same bits whatever happened in between; rarities
/// are as old as the model.
package struct ContextModel: Sendable, Equatable {
    /// How many random entities of a type at most an entity is compared with.
    package static let referenceCountMax = 500
    /// A type with fewer entities that have features is not judged.
    package static let referenceCountMin = 20
    /// The most different tags that are told apart; the rarest are left out and count as unknown.
    package static let tagCountMax = 65_536
    /// Standardised numbers are cut here.
    package static let deviationMax: Float = 5

    /// A watched number: its key in the metadata, mean and standard deviation over a type.
    package struct Scale: Sendable, Equatable, Codable {
        /// The key in the metadata.
        package var key: String
        /// Mean and standard deviation; the latter is 0 where the number does not vary.
        package var mean, deviation: Double
    }

    /// Random entities of one type as unit vectors.
    package struct References: Sendable, Equatable {
        /// Hashes of their keys: nobody is compared with itself.
        package var hashes: [UInt64] = []
        /// For each entity where its tags start in ``tags``; one more at the end.
        package var tagStarts: [Int32] = [0]
        /// Positions in the vocabulary, and their part of the unit vector.
        package var tags: [Int32] = []
        package var tagParts: [Float] = []
        /// The parts of the watched numbers, in the order of the type's scales.
        package var numberParts: [Float] = []

        /// How many entities these are.
        package var count: Int { hashes.count }
    }

    /// The hash by which an entity is known among the references: a model holds no keys of rows.
    static func hash(of entityID: Int64) -> UInt64 {
        withUnsafeBytes(of: entityID.littleEndian) { textKey(utf8: $0) }
    }

    /// The tags that at least two entities carry, ascending, and their weights ln(N / n).
    package var tags: [UInt64]
    package var tagWeights: [Float]
    /// The weight of any other tag.
    package var unknownTagWeight: Float
    /// The watched numbers by type name.
    package var scales: [String: [Scale]]
    /// The entities to compare with by type name.
    package var references: [String: References]
    /// Which tags go together; nil where none are carried by enough.
    package var tagFits: TagFits?
}

/// A context model laid out by the type codes of one database.
struct ResolvedContext: Sendable {
    /// One watched number of a type: mean, 1 / deviation (0: it does not vary), and which key it has.
    struct Column: Sendable {
        var mean, inverse: Float
        var slot: Int32
    }

    /// The references of a type, by tag.
    struct References: Sendable {
        var hashes: [UInt64]
        var byTag: [UInt64: [(place: Int32, part: Float)]]
        /// Row by row, in the order of the type's columns; empty without numbers.
        var numberParts: [Float]
    }

    private var tagWeights: [UInt64: Float]
    private let unknownTagWeight: Float
    let tagFits: ResolvedTagFits?
    private(set) var columns: [Int32: [Column]] = [:]
    private(set) var references: [Int32: References] = [:]

    init(_ model: ContextModel, catalog: TypeCatalog) {
        tagWeights = Dictionary(
            zip(model.tags, model.tagWeights), uniquingKeysWith: { first, _ in first })
        unknownTagWeight = model.unknownTagWeight
        tagFits = model.tagFits.map(ResolvedTagFits.init)
        let keys = Set(model.scales.values.joined().map(\.key)).sorted()
        let slots = Dictionary(
            uniqueKeysWithValues: keys.enumerated().map { ($1, Int32($0)) })
        for (code, name) in catalog.entityTypes {
            let scales = model.scales[name] ?? []
            let watched = catalog.numericMetadata[code] ?? []
            // By the catalog's list, which records follow; what training did not see says nothing.
            columns[code] = watched.map { key in
                guard let scale = scales.first(where: { $0.key == key }), let slot = slots[key]
                else { return Column(mean: 0, inverse: 0, slot: -1) }
                return Column(
                    mean: Float(scale.mean),
                    inverse: scale.deviation > 0 ? Float(1 / scale.deviation) : 0, slot: slot)
            }
            guard let found = model.references[name] else { continue }
            references[code] = Self.resolved(
                found, tags: model.tags,
                places: watched.map { key in
                    scales.firstIndex { $0.key == key }
                }, stride: scales.count)
        }
    }

    private static func resolved(
        _ found: ContextModel.References, tags: [UInt64], places: [Int?], stride: Int
    ) -> References {
        var byTag: [UInt64: [(place: Int32, part: Float)]] = [:]
        for place in 0..<found.count {
            for index in Int(found.tagStarts[place])..<Int(found.tagStarts[place + 1]) {
                byTag[tags[Int(found.tags[index])], default: []].append(
                    (Int32(place), found.tagParts[index]))
            }
        }
        var numbers: [Float] = []
        if stride > 0, !found.numberParts.isEmpty {
            for place in 0..<found.count {
                numbers += places.map { $0.map { found.numberParts[place * stride + $0] } ?? 0 }
            }
        }
        return References(hashes: found.hashes, byTag: byTag, numberParts: numbers)
    }

    /// The weight of a tag, ln(N / n).
    func weight(of tag: UInt64) -> Float { tagWeights[tag] ?? unknownTagWeight }

    /// The length of the vector of an entity's tags; 0 without tags.
    func tagNorm(_ tags: [UInt64]) -> Float {
        guard !tags.isEmpty else { return 0 }
        var sum: Float = 0
        for tag in tags {
            let weight = weight(of: tag)
            sum += weight * weight
        }
        return sum.squareRoot()
    }

    /// The standardised numbers of an entity, 0 where missing; nil where it has none.
    func numbers(of record: EntityRecord) -> [Float]? {
        guard let columns = columns[record.typeCode], !columns.isEmpty,
            record.numericMetadata.count == columns.count
        else { return nil }
        var values = [Float](repeating: 0, count: columns.count)
        var isThere = false
        for (place, column) in columns.enumerated() {
            let value = record.numericMetadata[place]
            guard !value.isNaN, column.inverse > 0 else { continue }
            let limit = ContextModel.deviationMax
            values[place] = min(max((value - column.mean) * column.inverse, -limit), limit)
            isThere = isThere || values[place] != 0
        }
        return isThere ? values : nil
    }
}
