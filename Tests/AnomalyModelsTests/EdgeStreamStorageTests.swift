import AnomalyModels
import Foundation
import Testing

@Suite("Edge stream in bounded memory")
struct EdgeStreamStorageTests {
    private func parameters(
        _ storage: EdgeStreamDetector.Storage
    ) -> EdgeStreamDetector.Parameters {
        var parameters = EdgeStreamDetector.Parameters()
        parameters.storage = storage
        return parameters
    }

    @Test("A roomy sketch counts as the tables do")
    func roomySketch() throws {
        let stream = EdgeStream.random(
            recordCount: 3_000, keyCount: 60, secondsBetween: 1, seed: 11)
        var exact = try EdgeStreamDetector()
        var sketch = try EdgeStreamDetector(
            parameters: parameters(.sketch(rowCount: 4, columnCount: 4_096, pairBitCount: 1 << 20)))
        for index in stream.sources.indices {
            let (source, target) = (stream.sources[index], stream.targets[index])
            let wanted = exact.update(source: source, target: target, time: stream.times[index])
            let found = sketch.update(source: source, target: target, time: stream.times[index])
            for channel in 0..<4 {
                #expect(abs(found.counts[channel] - wanted.counts[channel]) < 1e-9)
                #expect(abs(found.scores[channel] - wanted.scores[channel]) < 1e-9)
            }
        }
    }

    @Test("A crowded sketch never counts too little", arguments: [1, 2, 3])
    func crowdedSketch(seed: UInt64) throws {
        let stream = EdgeStream.random(
            recordCount: 3_000, keyCount: 400, secondsBetween: 1, seed: seed)
        var exact = try EdgeStreamDetector()
        var sketch = try EdgeStreamDetector(
            parameters: parameters(.sketch(rowCount: 2, columnCount: 32, pairBitCount: 1 << 20)))
        var excess = 0.0
        for index in stream.sources.indices {
            let (source, target) = (stream.sources[index], stream.targets[index])
            let wanted = exact.update(source: source, target: target, time: stream.times[index])
            let found = sketch.update(source: source, target: target, time: stream.times[index])
            #expect(found.counts[0] >= wanted.counts[0] - 1e-9)
            #expect(found.counts[2] >= wanted.counts[2] - 1e-9)
            excess += found.counts[0] - wanted.counts[0]
        }
        #expect(excess > 0)
    }

    /// In debug a smaller flood, which fills the tables just as well.
    private var inventedKeyCount: Int {
        #if DEBUG
            40_000
        #else
            1_000_000
        #endif
    }

    @Test("Memory keeps its bound under random keys, and what was learnt outlives the flood")
    func memoryBound() throws {
        var detector = try EdgeStreamDetector(
            parameters: parameters(.exact(keySlotCountMax: 4_096, pairSlotCountMax: 8_192)))
        // Two hours of one pair, then nothing but keys that come once.
        for minute in 0..<120 {
            _ = detector.update(source: 1, target: 2, time: Double(minute) * 60)
        }
        let before = detector.update(source: 1, target: 2, time: 7_200)
        var random = SeededRandom(seed: 3)
        let step = 600 / Double(inventedKeyCount)
        for index in 0..<inventedKeyCount {
            _ = detector.update(
                source: random.next(), target: random.next(), time: 7_200 + Double(index) * step)
        }
        #expect(detector.byteCount <= 2 * 4_096 * 64 + 8_192 * 8 + 200_000)
        let after = detector.update(source: 1, target: 2, time: 7_800)
        #expect(after.expected[0] > 0.9 * before.expected[0])
        // The pair, seen in several hours, is still no first-time partner.
        #expect(after.counts[1] < 0.01)
    }

    @Test("Sketches never grow")
    func sketchMemory() throws {
        var detector = try EdgeStreamDetector(
            parameters: parameters(.sketch(rowCount: 2, columnCount: 512, pairBitCount: 1 << 14)))
        let before = detector.byteCount
        var random = SeededRandom(seed: 3)
        for index in 0..<20_000 {
            let verdict = detector.update(
                source: random.next(), target: random.next(), time: Double(index))
            #expect(verdict.scores[0].isFinite)
        }
        // The calibration's own table, 33 KB, comes with the first calibration.
        #expect(detector.byteCount - before == 1_025 * 32)
    }

    @Test("A sketch knows each recent pair again and rarely takes a new one for known")
    func pairFilter() throws {
        var detector = try EdgeStreamDetector(
            parameters: parameters(.sketch(rowCount: 2, columnCount: 65_536, pairBitCount: 20_480)))
        // A generation takes 2,048 pairs: of 6,000 new ones two were full before the end.
        var mistakenCount = 0
        for index in 0..<6_000 {
            let (source, time) = (UInt64(index), Double(index) * 1e4)
            let isFirst = detector.update(source: source, target: source, time: time).counts[1] > 0
            mistakenCount += isFirst ? 0 : 1
            let again = detector.update(source: source, target: source, time: time)
            #expect(again.counts[1] <= 1)
        }
        #expect(mistakenCount < 120)
    }

    @Test("Keys and pairs that idle beyond the retention are unseen again")
    func retention() throws {
        var parameters = EdgeStreamDetector.Parameters()
        parameters.retentionSeconds = 86_400
        var detector = try EdgeStreamDetector(parameters: parameters)
        for second in 0..<500 { _ = detector.update(source: 1, target: 2, time: Double(second)) }
        let kept = detector.update(source: 1, target: 2, time: 80_000)
        #expect(kept.expected[0] > 0.11 && kept.counts[1] < 1e-9)
        let expired = detector.update(source: 1, target: 2, time: 80_000 + 100_000)
        #expect(abs(expired.expected[0] - 0.1) < 1e-12)
        #expect(expired.counts[1] == 1)
    }

    @Test("The seed moves keys in the tables, not the scores")
    func seeds() throws {
        let stream = EdgeStream.random(
            recordCount: 500, keyCount: 30, secondsBetween: 1, seed: 12)
        var scores: [[UInt64]] = []
        for seed: UInt64 in [1, 2] {
            var parameters = EdgeStreamDetector.Parameters()
            parameters.seed = seed
            var detector = try EdgeStreamDetector(parameters: parameters)
            scores.append(
                detector.update(
                    sources: stream.sources, targets: stream.targets, times: stream.times
                ).map(\.bitPattern))
        }
        #expect(scores[0] == scores[1])
    }

    @Test("A restored detector goes on to the bit", arguments: [true, false])
    func restored(isExact: Bool) throws {
        let parameters = parameters(
            isExact
                ? .exact(keySlotCountMax: 1_024, pairSlotCountMax: 4_096)
                : .sketch(rowCount: 2, columnCount: 128, pairBitCount: 4_096))
        let stream = EdgeStream.random(
            recordCount: 6_000, keyCount: 2_000, secondsBetween: 1, seed: 13)
        var detector = try EdgeStreamDetector(parameters: parameters)
        let half = stream.prefix(3_000)
        _ = detector.update(sources: half.sources, targets: half.targets, times: half.times)
        let bytes = ModelArchive(tensors: detector.tensors()).encoded()
        let card = try JSONDecoder().decode(
            EdgeStreamDetector.Parameters.self, from: try JSONEncoder().encode(parameters))
        var again = try EdgeStreamDetector(
            tensors: try ModelArchive(decoding: bytes).tensors, parameters: card)
        let isEqual = again == detector
        #expect(isEqual)
        for index in 3_000..<6_000 {
            let (source, target) = (stream.sources[index], stream.targets[index])
            let wanted = detector.update(source: source, target: target, time: stream.times[index])
            #expect(
                again.update(source: source, target: target, time: stream.times[index]) == wanted)
        }
        let isStillEqual = again == detector
        #expect(isStillEqual)
    }

    @Test("States that are none are refused", arguments: [true, false])
    func hostileStates(isExact: Bool) throws {
        let parameters = parameters(
            isExact
                ? .exact(keySlotCountMax: 1_024, pairSlotCountMax: 4_096)
                : .sketch(rowCount: 2, columnCount: 128, pairBitCount: 4_096))
        var detector = try EdgeStreamDetector(parameters: parameters)
        for time in 0..<200 { _ = detector.update(source: 1, target: 2, time: Double(time)) }
        for (name, tensor) in detector.tensors() {
            var replacements: [Tensor?] = [
                nil, Tensor([Float]([1])),
                try Tensor(element: tensor.element, shape: [0], bytes: []),
            ]
            if tensor.element == .float64 {
                replacements.append(
                    Tensor([Double](repeating: .nan, count: tensor.shape[0])))
                replacements.append(
                    Tensor([Double](repeating: .infinity, count: tensor.shape[0])))
            } else if !name.hasSuffix("pairs") {
                replacements.append(
                    Tensor([Int64](repeating: -1, count: tensor.shape[0])))
            }
            for replacement in replacements {
                // An infinite start of a tail is that of a channel without one.
                if name.hasSuffix("tails"), replacement?.element == .float64,
                    replacement?.shape == tensor.shape, try replacement?.doubles()[0] == .infinity
                {
                    continue
                }
                var tensors = detector.tensors()
                tensors[name] = replacement
                // A short answer: a detector is too long to print.
                let isRefused =
                    (try? EdgeStreamDetector(tensors: tensors, parameters: parameters)) == nil
                #expect(isRefused, "\(name) \(String(describing: replacement?.shape))")
            }
        }
    }
}
