import AnomalyModels
import Foundation
import GraphEngine

extension AnomalyDetector {
    /// What the present entities, those of `excluded` aside, teach about tags and watched numbers; nil where
    /// no type has enough of them.
    ///
    /// It depends on the entities alone, not on the order of their changes.
    /// - Complexity: O(tags + numbers)
    package func contextModel(seed: UInt64, excluded: Set<Int64> = []) -> ContextModel? {
        var records: [EntityRecord] = []
        for id in entityIDs where !excluded.contains(id) {
            if let record = record(of: id), !record.tagKeys.isEmpty || record.hasNumbers {
                records.append(record)
            }
        }
        guard records.count >= ContextModel.referenceCountMin else { return nil }
        var model = ContextModel(
            tags: [], tagWeights: [], unknownTagWeight: 0, scales: [:], references: [:])
        model.learnTags(records)
        let byType = Dictionary(grouping: records) { catalog.entityTypeName($0.typeCode) }
        for (type, records) in byType {
            let keys = catalog.numericMetadata[records[0].typeCode] ?? []
            model.scales[type] = keys.isEmpty ? nil : ContextModel.scales(keys, records)
        }
        var detector = self
        detector.adopt(context: model)
        guard let context = detector.context else { return nil }
        let places = Dictionary(
            uniqueKeysWithValues: model.tags.enumerated().map { ($1, Int32($0)) })
        for (place, (type, records)) in byType.sorted(by: { $0.key < $1.key }).enumerated()
        where records.count >= ContextModel.referenceCountMin {
            var random = SeededRandom(seed: seed, stream: UInt64(1_000 + place))
            let chosen = random.sample(
                min(ContextModel.referenceCountMax, records.count), below: records.count
            ).sorted()
            var references = ContextModel.References()
            for place in chosen {
                detector.append(records[place], context, places, to: &references)
            }
            if references.count >= ContextModel.referenceCountMin {
                model.references[type] = references
            }
        }
        model.tagFits = tagFits(of: records, excluded: excluded)
        return model.references.isEmpty ? nil : model
    }

    private func append(
        _ record: EntityRecord, _ context: ResolvedContext, _ places: [UInt64: Int32],
        to references: inout ContextModel.References
    ) {
        guard let node = graph.nodeIndex(of: .init(record.id)),
            let vector = contextVector(of: node, context)
        else { return }
        references.hashes.append(ContextModel.hash(of: record.id))
        for (tag, part) in zip(vector.tags, vector.tagParts) {
            guard let place = places[tag] else { continue }
            references.tags.append(place)
            references.tagParts.append(part)
        }
        references.tagStarts.append(Int32(references.tags.count))
        let width = catalog.numericMetadata[record.typeCode]?.count ?? 0
        references.numberParts +=
            vector.numberParts.isEmpty
            ? [Float](repeating: 0, count: width) : vector.numberParts
    }
}

extension EntityRecord {
    /// Whether any watched number is known.
    fileprivate var hasNumbers: Bool { numericMetadata.contains { !$0.isNaN } }
}

extension ContextModel {
    fileprivate mutating func learnTags(_ records: [EntityRecord]) {
        var counts: [UInt64: Int] = [:]
        var carrierCount = 0
        for record in records where !record.tagKeys.isEmpty {
            carrierCount += 1
            for tag in record.tagKeys { counts[tag, default: 0] += 1 }
        }
        // What only one entity carries is shared with nobody.
        let known = counts.filter { $0.value > 1 }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(Self.tagCountMax).sorted { $0.key < $1.key }
        tags = known.map(\.key)
        // A tag that everybody carries says nothing, but is no reason to have no features.
        tagWeights = known.map { count in
            Float(max(0.01, log(Double(carrierCount) / Double(count.value))))
        }
        unknownTagWeight = carrierCount > 0 ? Float(max(0.01, log(Double(carrierCount)))) : 0
    }

    fileprivate static func scales(_ keys: [String], _ records: [EntityRecord]) -> [Scale] {
        keys.indices.map { place in
            let values = records.compactMap { record -> Double? in
                guard place < record.numericMetadata.count else { return nil }
                let value = Double(record.numericMetadata[place])
                return value.isFinite ? value : nil
            }
            let mean = values.reduce(0, +) / Double(max(1, values.count))
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation =
                values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
            return Scale(
                key: keys[place], mean: mean.isFinite ? mean : 0,
                deviation: deviation.isFinite ? deviation : 0)
        }
    }
}

extension AnomalyDetector {
    /// The keys of the metadata whose numbers are watched, by type name.
    package var watchedNumbers: [String: [String]] {
        var keys: [String: [String]] = [:]
        for (code, watched) in catalog.numericMetadata {
            keys[catalog.entityTypeName(code)] = watched
        }
        return keys
    }
}
