/// A model archive as several files, each a safetensors file of its own, that give it back bit for bit.
///
/// What is whose follows from the names of tensors and texts; see ``Part/prefixes``. Each file names the others
/// and the SHA-256 of the whole archive, so that files of two models are never joined.
package enum ModelParts {
    /// One of the files.
    package enum Part: String, Sendable, CaseIterable {
        case entityForest = "entity_forest"
        case relationshipForest = "relationship_forest"
        case autoencoder
        case scaler
        /// Thresholds, calibrations, peers, the card, and all that no other part claims.
        case calibration

        /// What the names of its tensors and texts begin with; the first part that claims a name has it.
        package static let prefixes: [(prefix: String, part: Part)] = [
            ("autoencoder.means", .scaler), ("autoencoder.scales", .scaler),
            ("autoencoder.", .autoencoder), ("behaviour", .autoencoder),
            ("context", .scaler), ("numeric", .scaler),
            ("forest.", .entityForest), ("forest_parameters", .entityForest),
            ("relationship_forest.", .relationshipForest),
            ("relationship_forest_parameters", .relationshipForest),
        ]

        /// Whose a tensor or text is.
        package init(of name: String) {
            self =
                Self.prefixes.first { name.hasPrefix($0.prefix) }?.part ?? .calibration
        }

        /// The name of the file.
        package var fileName: String { "\(rawValue).safetensors" }
    }

    private static let ownPrefix = "vigil."
    private static let partName = "vigil.part"
    private static let partsName = "vigil.parts"
    private static let versionName = "vigil.version"
    private static let fingerprintName = "vigil.fingerprint"

    /// The parts of a model that have anything in them.
    /// - Parameters:
    ///   - bytes: The whole archive, as it is stored.
    ///   - version: The name of the model, for messages.
    /// - Returns: Each part with its archive.
    /// - Throws: `ModelFileError` where the bytes are no archive, or not those that joining would give.
    package static func split(
        _ bytes: [UInt8], version: String
    ) throws(ModelFileError) -> [(part: Part, archive: ModelArchive)] {
        let whole = try ModelArchive(decoding: bytes)
        guard whole.encoded() == bytes, !whole.metadata.keys.contains(where: isOwn) else {
            throw ModelFileError(
                code: .invalidModel, message: "The archive was not written by Vigil.")
        }
        var archives: [Part: ModelArchive] = [:]
        for (name, text) in whole.metadata {
            archives[Part(of: name), default: ModelArchive()].metadata[name] = text
        }
        for (name, tensor) in whole.tensors {
            archives[Part(of: name), default: ModelArchive()].tensors[name] = tensor
        }
        let parts = Part.allCases.filter { archives[$0] != nil }
        let fingerprint = SHA256.hexadecimal(of: bytes)
        return parts.map { part in
            var archive = archives[part] ?? ModelArchive()
            archive.metadata[partName] = part.rawValue
            archive.metadata[partsName] = parts.map(\.rawValue).joined(separator: ",")
            archive.metadata[versionName] = version
            archive.metadata[fingerprintName] = fingerprint
            return (part, archive)
        }
    }

    /// The archive that the files were written from.
    /// - Parameter files: The bytes of each file, by its name.
    /// - Returns: The bytes that were split.
    /// - Throws: `ModelFileError` that names the file which is missing, foreign, changed or of another model.
    package static func join(
        _ files: [String: [UInt8]]
    ) throws(ModelFileError) -> [UInt8] {
        var archives: [(name: String, archive: ModelArchive)] = []
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
            do {
                archives.append((name, try ModelArchive(decoding: bytes)))
            } catch {
                throw ModelFileError(code: error.code, message: "\(name): \(error.message)")
            }
        }
        guard let first = archives.first else {
            throw ModelFileError(code: .invalidModel, message: "There are no files of a model.")
        }
        for (name, archive) in archives {
            guard let part = archive.metadata[partName].flatMap(Part.init(rawValue:)),
                part.fileName == name
            else {
                throw ModelFileError(
                    code: .invalidModel, message: "\(name) is no part of a model of this name.")
            }
            guard archive.metadata[fingerprintName] == first.archive.metadata[fingerprintName]
            else {
                throw ModelFileError(
                    code: .invalidModel,
                    message: "\(first.name) and \(name) are of two models, "
                        + "\(version(of: first.archive)) and \(version(of: archive)).")
            }
        }
        let names = (first.archive.metadata[partsName] ?? "").split(separator: ",").map {
            "\($0).safetensors"
        }
        for name in names where files[name] == nil {
            throw ModelFileError(code: .missingTensor, message: "\(name) is missing.")
        }
        for (name, _) in archives where !names.contains(name) {
            throw ModelFileError(
                code: .invalidModel, message: "\(name) is no part of that model.")
        }
        var whole = ModelArchive()
        for (name, archive) in archives {
            for (key, text) in archive.metadata where !isOwn(key) { whole.metadata[key] = text }
            for (key, tensor) in archive.tensors {
                guard whole.tensors[key] == nil else {
                    throw ModelFileError(
                        code: .duplicateName, message: "\(name) has \(key), as another file has.")
                }
                whole.tensors[key] = tensor
            }
        }
        let bytes = whole.encoded()
        guard SHA256.hexadecimal(of: bytes) == first.archive.metadata[fingerprintName] else {
            throw ModelFileError(
                code: .invalidModel,
                message: "The files together are not the model \(version(of: first.archive)) that "
                    + "was exported: one of them was changed.")
        }
        return bytes
    }

    private static func isOwn(_ name: String) -> Bool { name.hasPrefix(ownPrefix) }

    private static func version(of archive: ModelArchive) -> String {
        archive.metadata[versionName] ?? "of no version"
    }
}
