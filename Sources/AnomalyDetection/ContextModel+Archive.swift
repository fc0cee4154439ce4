import AnomalyModels

/// A context model as tensors; an archive without them has none.
extension ContextModel {
    private static let prefix = "context."

    /// The parts that are JSON.
    private struct Head: Codable {
        var scales: [String: [Scale]]
        /// The types with references, and how many tag parts and number parts each has.
        var types: [String]
        var counts, tagCounts, numberCounts: [Int]
    }

    func write(to archive: inout ModelArchive) {
        let types = references.keys.sorted()
        let all = types.compactMap { references[$0] }
        archive.encode(
            Head(
                scales: scales, types: types, counts: all.map(\.count),
                tagCounts: all.map(\.tags.count), numberCounts: all.map(\.numberParts.count)),
            as: "context")
        var tensors: [String: Tensor] = [
            "tags": Tensor(tags.map { Int64(bitPattern: $0) }),
            "tag_weights": Tensor(tagWeights),
            "unknown_tag_weight": Tensor([unknownTagWeight]),
            "reference_hashes": Tensor(all.flatMap(\.hashes).map { Int64(bitPattern: $0) }),
            "reference_tag_starts": Tensor(all.flatMap(\.tagStarts)),
            "reference_tags": Tensor(all.flatMap(\.tags)),
            "reference_tag_parts": Tensor(all.flatMap(\.tagParts)),
            "reference_numbers": Tensor(all.flatMap(\.numberParts)),
        ]
        if let tagFits {
            tensors["fit_tags"] = Tensor(tagFits.tags.map { Int64(bitPattern: $0) })
            tensors["fits"] = Tensor(tagFits.fits)
        }
        for (name, tensor) in tensors { archive.tensors[Self.prefix + name] = tensor }
    }

    /// The context model of an archive; nil where it has none.
    init?(archive: ModelArchive) throws(ModelFileError) {
        guard archive.tensors[Self.prefix + "tags"] != nil else { return nil }
        func tensor(_ name: String) throws(ModelFileError) -> Tensor {
            guard let tensor = archive.tensors[Self.prefix + name] else {
                throw ModelFileError(
                    code: .missingTensor, message: "The file has no tensor \(Self.prefix)\(name).")
            }
            return tensor
        }
        let head = try archive.decoded(Head.self, from: "context")
        tags = try tensor("tags").int64s().map { UInt64(bitPattern: $0) }
        tagWeights = try tensor("tag_weights").floats()
        let unknown = try tensor("unknown_tag_weight").floats()
        scales = head.scales
        references = [:]
        var reader = Slices(
            hashes: try tensor("reference_hashes").int64s().map { UInt64(bitPattern: $0) },
            starts: try tensor("reference_tag_starts").int32s(),
            tags: try tensor("reference_tags").int32s(),
            parts: try tensor("reference_tag_parts").floats(),
            numbers: try tensor("reference_numbers").floats())
        let lists = [head.counts, head.tagCounts, head.numberCounts]
        guard lists.allSatisfy({ $0.count == head.types.count }), unknown.count == 1,
            tags.count == tagWeights.count, zip(tags, tags.dropFirst()).allSatisfy({ $0 < $1 }),
            (tagWeights + unknown).allSatisfy({ $0.isFinite && $0 >= 0 }),
            scales.values.joined().allSatisfy({ $0.mean.isFinite && $0.deviation.isFinite })
        else { throw Self.unreadable }
        unknownTagWeight = unknown[0]
        for (place, type) in head.types.enumerated() {
            guard
                let found = reader.next(
                    count: head.counts[place], tagCount: head.tagCounts[place],
                    numberCount: head.numberCounts[place]),
                found.isSound(
                    vocabularyCount: tags.count, numberCount: scales[type]?.count ?? 0)
            else { throw Self.unreadable }
            references[type] = found
        }
        guard archive.tensors[Self.prefix + "fit_tags"] != nil else { return }
        tagFits = TagFits(
            tags: try tensor("fit_tags").int64s().map { UInt64(bitPattern: $0) },
            fits: try tensor("fits").int32s())
        guard tagFits != nil else { throw Self.unreadable }
    }

    private static var unreadable: ModelFileError {
        ModelFileError(
            code: .invalidModel, message: "What the model knows about context is not readable.")
    }
}

extension ContextModel.References {
    fileprivate func isSound(vocabularyCount: Int, numberCount: Int) -> Bool {
        tagStarts.first == 0 && tagStarts.last.map(Int.init) == tags.count
            && zip(tagStarts, tagStarts.dropFirst()).allSatisfy { $0 <= $1 }
            && tags.allSatisfy { $0 >= 0 && Int($0) < vocabularyCount }
            && (tagParts + numberParts).allSatisfy(\.isFinite)
            && numberParts.count == count * numberCount
    }
}

/// Hands out the references of one type after the other.
private struct Slices {
    var hashes: [UInt64]
    var starts, tags: [Int32]
    var parts, numbers: [Float]
    private var read = (hashes: 0, starts: 0, tags: 0, numbers: 0)

    init(hashes: [UInt64], starts: [Int32], tags: [Int32], parts: [Float], numbers: [Float]) {
        (self.hashes, self.starts, self.tags) = (hashes, starts, tags)
        (self.parts, self.numbers) = (parts, numbers)
    }

    mutating func next(
        count: Int, tagCount: Int, numberCount: Int
    ) -> ContextModel.References? {
        guard count >= 0, tagCount >= 0, numberCount >= 0, count <= hashes.count - read.hashes,
            count + 1 <= starts.count - read.starts, tagCount <= tags.count - read.tags,
            tags.count == parts.count, numberCount <= numbers.count - read.numbers
        else { return nil }
        defer {
            read.hashes += count
            read.starts += count + 1
            read.tags += tagCount
            read.numbers += numberCount
        }
        return ContextModel.References(
            hashes: Array(hashes[read.hashes..<read.hashes + count]),
            tagStarts: Array(starts[read.starts..<read.starts + count + 1]),
            tags: Array(tags[read.tags..<read.tags + tagCount]),
            tagParts: Array(parts[read.tags..<read.tags + tagCount]),
            numberParts: Array(numbers[read.numbers..<read.numbers + numberCount]))
    }
}
