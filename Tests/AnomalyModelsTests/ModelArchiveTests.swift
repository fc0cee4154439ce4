import AnomalyModels
import Foundation
import Testing

@Suite("Model archive")
struct ModelArchiveTests {
    private func example() throws -> ModelArchive {
        try ModelArchive(
            metadata: ["card": #"{"kind":"entity","name":"Müller \ \"x\""}"#, "a\n": "\u{1}é😀"],
            tensors: [
                "bytes": Tensor([UInt8]([1, 2, 3])),
                "doubles": Tensor([1.5, -0.0, .infinity]),
                "floats": Tensor([Float]([1, 2, 3, 4, 5, 6])).reshaped([2, 3]),
                "ints": Tensor([Int32]([-1, 2])),
                "long": Tensor([Int64]([.min, .max])),
                "nothing": Tensor([Double]()),
            ])
    }

    @Test("What is written is read again, to the bit")
    func roundTrip() throws {
        let archive = try example()
        let again = try ModelArchive(decoding: archive.encoded())
        #expect(again == archive)
        #expect(try again.tensors["doubles"]?.doubles() == [1.5, -0.0, .infinity])
        #expect(try again.tensors["floats"]?.floats() == [1, 2, 3, 4, 5, 6])
        #expect(again.tensors["floats"]?.shape == [2, 3])
        #expect(try again.tensors["ints"]?.int32s() == [-1, 2])
        #expect(try again.tensors["long"]?.int64s() == [.min, .max])
        #expect(try again.tensors["bytes"]?.uint8s() == [1, 2, 3])
    }

    @Test("An empty archive is an empty header")
    func empty() throws {
        #expect(ModelArchive().encoded() == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
        #expect(try ModelArchive(decoding: ModelArchive().encoded()) == ModelArchive())
    }

    @Test("The bytes are those that the format's description asks for")
    func layout() throws {
        let archive = ModelArchive(
            metadata: ["k": "v"], tensors: ["b": Tensor([UInt8]([7])), "a": Tensor([Int32]([1]))])
        let header =
            #"{"__metadata__":{"k":"v"},"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"#
            + #""b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        let length = [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0]
        #expect(archive.encoded() == length + Array(padded.utf8) + [1, 0, 0, 0, 7])
    }

    @Test("Every tensor begins at a multiple of its elements' size")
    func alignment() throws {
        let bytes = try example().encoded()
        let headerByteCount = Int(bytes[0]) + Int(bytes[1]) << 8
        #expect(headerByteCount % 8 == 0)
        let again = try ModelArchive(decoding: bytes)
        #expect(again.encoded() == bytes)
    }

    @Test("A file cut anywhere is refused")
    func truncated() throws {
        let bytes = try example().encoded()
        for count in 0..<bytes.count {
            #expect(throws: ModelFileError.self) {
                try ModelArchive(decoding: Array(bytes[..<count]))
            }
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var code: ModelFileError.Code
        var header: String
        var byteCount = 8
        var testDescription: String { "\(code.rawValue): \(header)" }
    }

    @Test(
        "A file that is not what it says is refused with the reason",
        arguments: [
            Refusal(code: .malformedHeader, header: "[]"),
            Refusal(code: .malformedHeader, header: "{"),
            Refusal(code: .malformedHeader, header: "{} x"),
            Refusal(code: .malformedHeader, header: #"{"a":1.5}"#),
            Refusal(code: .malformedHeader, header: #"{"a":null}"#),
            Refusal(code: .malformedHeader, header: #"{"a":[[[[[[[1]]]]]]]}"#),
            Refusal(code: .malformedHeader, header: #"{"a":99999999999999999999}"#),
            Refusal(code: .malformedHeader, header: #"{"\ud800":1}"#),
            Refusal(code: .malformedHeader, header: #"{"__metadata__":{"a":1}}"#),
            Refusal(code: .malformedHeader, header: #"{"a":{"dtype":"F64","shape":[1]}}"#),
            Refusal(
                code: .malformedHeader,
                header: #"{"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}"#),
            Refusal(
                code: .malformedHeader,
                header: #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8],"x":"y"}}"#),
            Refusal(
                code: .unsupportedElement,
                header: #"{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}}"#),
            Refusal(
                code: .wrongShape,
                header: #"{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}"#),
            Refusal(
                code: .wrongShape,
                header:
                    #"{"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#),
            Refusal(
                code: .wrongShape,
                header: #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}"#),
            Refusal(
                code: .truncated,
                header: #"{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}"#),
            Refusal(
                code: .overlappingTensors,
                header: #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"#
                    + #""b":{"dtype":"I32","shape":[1],"data_offsets":[4,8]}}"#),
            Refusal(
                code: .overlappingTensors,
                header: #"{"a":{"dtype":"I32","shape":[1],"data_offsets":[4,8]}}"#),
            Refusal(
                code: .overlappingTensors,
                header: #"{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#),
            Refusal(
                code: .duplicateName,
                header: #"{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"#
                    + #""a":{"dtype":"I32","shape":[1],"data_offsets":[4,8]}}"#),
            Refusal(code: .duplicateName, header: #"{"__metadata__":{"a":"1","\u0061":"2"}}"#),
        ])
    func refused(refusal: Refusal) {
        let error = #expect(throws: ModelFileError.self) {
            try ModelArchive(decoding: Self.file(refusal.header, byteCount: refusal.byteCount))
        }
        #expect(error?.code == refusal.code, "\(error?.description ?? "")")
    }

    @Test("A header that is not UTF-8 or longer than the limit is refused")
    func headerBytes() {
        let foreign = #expect(throws: ModelFileError.self) {
            try ModelArchive(decoding: [4, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0xFF, 0xFE, 0x7D])
        }
        #expect(foreign?.code == .malformedHeader)
        let endless = #expect(throws: ModelFileError.self) {
            try ModelArchive(decoding: [UInt8](repeating: 0xFF, count: 64))
        }
        #expect(endless?.code == .oversized)
    }

    @Test("A header by another writer, with space, other orders and escapes, is read")
    func foreignWriter() throws {
        let header =
            "{ \"a\\u0062\\uD83D\\uDE00\" : {\"data_offsets\": [0, 8],\n \"shape\": [],"
            + " \"dtype\": \"F64\"} }   "
        let archive = try ModelArchive(decoding: Self.file(header, byteCount: 8))
        #expect(archive.tensors["ab😀"]?.shape == [])
    }

    @Test("Ten thousand mutated files neither trap nor read past the end")
    func fuzz() throws {
        let original = try example().encoded()
        var random = SeededRandom(seed: 2_024)
        var refusedCount = 0
        for _ in 0..<10_000 {
            var bytes = original
            for _ in 0...random.index(below: 4) { ArchiveMutator.damage(&bytes, &random) }
            do {
                let archive = try ModelArchive(decoding: bytes)
                // What is accepted must be sound: it can be written and read again.
                #expect(try ModelArchive(decoding: archive.encoded()) == archive)
            } catch {
                refusedCount += 1
            }
        }
        #expect(refusedCount > 5_000)
    }

    /// A file with the given header and so many zero bytes behind it.
    static func file(_ header: String, byteCount: Int) -> [UInt8] {
        let length = UInt64(header.utf8.count)
        let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
        return prefix + Array(header.utf8) + [UInt8](repeating: 0, count: byteCount)
    }
}
