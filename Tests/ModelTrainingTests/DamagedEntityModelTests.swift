import AnomalyDetection
import AnomalyModels
import Foundation
import ModelTraining
import Testing

/// The number of damaged files is VIGIL_FUZZ where it is set.
@Suite("Damaged entity models")
struct DamagedEntityModelTests {
    @Test("A damaged model is refused with the reason, or judges without a trap")
    func files() throws {
        let world = SmallWorld(communityCount: 2, seed: 3)
        var detector = try world.detector()
        let archive = try ModelTrainer.train(
            detector, asOf: SmallWorld.now,
            options: ModelTrainer.Options(
                seed: 1, treeCount: 3, sampleSize: 16, version: "v", createdAt: SmallWorld.now,
                excludedEntityIDs: [])
        ).archive()
        let fileCount =
            ProcessInfo.processInfo.environment["VIGIL_FUZZ"].flatMap { Int($0) } ?? 200
        var random = SeededRandom(seed: 8)
        var (acceptedCount, refusedCount) = (0, 0)
        for _ in 0..<fileCount {
            var damaged = archive
            for _ in 0...random.index(below: 2) { Self.damage(&damaged, &random) }
            do throws(ModelFileError) {
                detector.adopt(model: try DetectionModel(archive: damaged))
                acceptedCount += 1
                let entity = world.batch.entities[
                    random.index(below: world.batch.entities.count)]
                _ = detector.judge(entity.id, asOf: SmallWorld.now)
                if acceptedCount % 8 == 0 {
                    _ = DriftCheck().report(on: detector, asOf: SmallWorld.now)
                }
            } catch {
                #expect(!error.message.isEmpty)
                refusedCount += 1
            }
        }
        print("\(fileCount) damaged entity models: \(acceptedCount) read, \(refusedCount) refused")
        #expect(acceptedCount > 0 && refusedCount > 0)
    }

    private static let numbers = [
        "0", "-1", "1", "1e308", "-1e308", "9223372036854775807", "9223372036854775808", "0.5",
        "null", "\"\"", "[]", "{}", "",
    ]

    /// Another number in a text, a changed byte of it, or a hostile number in a tensor.
    private static func damage(_ archive: inout ModelArchive, _ random: inout SeededRandom) {
        if random.index(below: 2) == 0 {
            let names = archive.metadata.keys.sorted()
            let name = names[random.index(below: names.count)]
            var text = Array((archive.metadata[name] ?? "").utf8)
            guard !text.isEmpty else { return }
            let start = random.index(below: text.count)
            let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
            if random.index(below: 4) > 0, let first = text[start...].firstIndex(where: isDigit) {
                let end = text[first...].firstIndex { !isDigit($0) } ?? text.count
                text.replaceSubrange(
                    first..<end, with: Array(numbers[random.index(below: numbers.count)].utf8))
            } else {
                text[start] = UInt8(random.index(below: 128))
            }
            archive.metadata[name] = String(decoding: text, as: UTF8.self)
        } else {
            let names = archive.tensors.keys.sorted()
            let name = names[random.index(below: names.count)]
            guard let tensor = archive.tensors[name], !tensor.bytes.isEmpty else { return }
            var bytes = tensor.bytes
            let size = tensor.element.byteCount
            let start = random.index(below: bytes.count / size) * size
            let words: [UInt64] = [
                0, 1, .max, 1 << 31, 1 << 63, Double.nan.bitPattern, Double.infinity.bitPattern,
                (-1.0).bitPattern, 1e308.bitPattern, random.next(),
            ]
            let word = words[random.index(below: words.count)]
            for byte in 0..<size {
                bytes[start + byte] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(byte)))
            }
            archive.tensors[name] =
                (try? Tensor(element: tensor.element, shape: tensor.shape, bytes: bytes)) ?? tensor
        }
    }
}
