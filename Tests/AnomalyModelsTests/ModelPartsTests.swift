import AnomalyModels
import Testing

@Suite("A model in several files")
struct ModelPartsTests {
    private func archive(forest: Double = 1) -> ModelArchive {
        ModelArchive(
            metadata: [
                "card": #"{"version": "v1"}"#, "calibrations": "{}", "forest_parameters": "{}",
                "relationship_forest_parameters": "{}", "behaviour": "{}", "context": "{}",
            ],
            tensors: [
                "forest.threshold": Tensor([forest, 2]), "relationship_forest.cover": Tensor([3.0]),
                "relationship_peers": Tensor([4.0]), "autoencoder.sizes": Tensor([Int64(5)]),
                "autoencoder.means": Tensor([6.0]), "context.tags": Tensor([Int64(7)]),
                "peers": Tensor([8.0]),
            ])
    }

    private func files(
        of archive: ModelArchive, version: String = "v1"
    ) throws -> [String: [UInt8]] {
        let parts = try ModelParts.split(archive.encoded(), version: version)
        return Dictionary(
            uniqueKeysWithValues: parts.map { ($0.part.fileName, $0.archive.encoded()) })
    }

    @Test("The files hold what their names say, and together give the archive bit for bit")
    func roundTrip() throws {
        let bytes = archive().encoded()
        let parts = try ModelParts.split(bytes, version: "v1")
        #expect(
            parts.map(\.part) == [
                .entityForest, .relationshipForest, .autoencoder, .scaler, .calibration,
            ])
        #expect(
            parts.map { Set($0.archive.tensors.keys) } == [
                ["forest.threshold"], ["relationship_forest.cover"], ["autoencoder.sizes"],
                ["autoencoder.means", "context.tags"], ["peers", "relationship_peers"],
            ])
        #expect(parts.last?.archive.metadata["card"] == #"{"version": "v1"}"#)
        #expect(try ModelParts.join(try files(of: archive())) == bytes)
    }

    @Test("A part that the model has not is no file")
    func absentParts() throws {
        var small = archive()
        small.tensors = small.tensors.filter { !$0.key.hasPrefix("autoencoder") }
        small.metadata["behaviour"] = nil
        let files = try files(of: small)
        #expect(!files.keys.contains("autoencoder.safetensors"))
        #expect(try ModelParts.join(files) == small.encoded())
    }

    @Test("A missing, foreign, changed or mixed file is refused by its name")
    func refused() throws {
        func message(_ change: (inout [String: [UInt8]]) throws -> Void) throws -> String {
            var files = try files(of: archive())
            try change(&files)
            return #expect(throws: ModelFileError.self) { try ModelParts.join(files) }?.message
                ?? ""
        }
        #expect(
            try message { $0["scaler.safetensors"] = nil } == "scaler.safetensors is missing.")
        #expect(
            try message { $0["scaler.safetensors"] = archive().encoded() }
                == "scaler.safetensors is no part of a model of this name.")
        #expect(
            try message { $0["scaler.safetensors"] = $0["autoencoder.safetensors"] }
                == "scaler.safetensors is no part of a model of this name.")
        let other = try files(of: archive(forest: 9), version: "v2")
        #expect(
            try message { $0["entity_forest.safetensors"] = other["entity_forest.safetensors"] }
                .contains("are of two models, v1 and v2"))
        let changed = try message { files in
            var part = try ModelArchive(decoding: files["scaler.safetensors"] ?? [])
            part.tensors["autoencoder.means"] = Tensor([6.5])
            files["scaler.safetensors"] = part.encoded()
        }
        #expect(changed.contains("one of them was changed"))
        #expect(try message { $0["scaler.safetensors"]?.removeLast() }.hasPrefix("scaler"))
        #expect(try message { $0 = [:] } == "There are no files of a model.")
    }

    @Test(
        "SHA-256 gives the digests of the standard's examples",
        arguments: [
            ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "a", 1_000_000,
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func digests(text: String, count: Int, digest: String) {
        let bytes = Array(String(repeating: text, count: count).utf8)
        let found = SHA256.hexadecimal(of: bytes)
        #expect(found == digest)
    }
}
