import AnomalyModels
import Foundation

/// Model files on disk: `<folder>/<version>/` with a safetensors file for each part and `training.json`.
enum ModelFiles {
    private static let trainingName = "training.json"

    static func write(
        _ archive: [UInt8], card: String, version: String, under folder: String
    ) throws -> URL {
        let place = URL(filePath: folder).appending(path: version)
        let parts: [(part: ModelParts.Part, archive: ModelArchive)]
        do {
            parts = try ModelParts.split(archive, version: version)
        } catch {
            throw Failure(
                exitCode: .badData, message: "cannot export model \(version): \(error.message)")
        }
        do {
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for part in ModelParts.Part.allCases where !parts.contains(where: { $0.part == part }) {
                // Of a model that was here before, and has a part that this one has not.
                try? FileManager.default.removeItem(at: place.appending(path: part.fileName))
            }
            for (part, archive) in parts {
                try Data(archive.encoded()).write(
                    to: place.appending(path: part.fileName), options: .atomic)
            }
            try training(of: archive, card: card, version: version, parts.map(\.part.fileName))
                .write(to: place.appending(path: trainingName), options: .atomic)
        } catch {
            throw Failure(
                exitCode: .cannotCreate,
                message: "cannot write \(place.path()): \(error.localizedDescription)")
        }
        return place
    }

    /// Writes the whole archive as one file.
    static func writeWhole(_ archive: [UInt8], to path: String) throws {
        do {
            try Data(archive).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure(
                exitCode: .cannotCreate,
                message: "cannot write \(path): \(error.localizedDescription)")
        }
    }

    /// The archive in a folder that was exported, or in one file.
    static func read(_ path: String) throws -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
            isFolder.boolValue
        else { return try bytes(of: URL(filePath: path)) }
        let place = URL(filePath: path, directoryHint: .isDirectory)
        var files: [String: [UInt8]] = [:]
        for part in ModelParts.Part.allCases {
            let file = place.appending(path: part.fileName)
            guard FileManager.default.fileExists(atPath: file.path()) else { continue }
            files[part.fileName] = try bytes(of: file)
        }
        do {
            let archive = try ModelParts.join(files)
            try check(trainingAt: place.appending(path: trainingName), archive)
            return archive
        } catch let error as ModelFileError {
            throw Failure(
                exitCode: .badData,
                message: "\(path) is no exported model: \(error.message) "
                    + "Export it again: `vigil model export VERSION`")
        }
    }

    private static func bytes(of file: URL) throws -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: file))
        } catch {
            throw Failure(
                exitCode: .noInput,
                message: "cannot read \(file.path()): \(error.localizedDescription)")
        }
    }

    /// What is said of the whole beside its card.
    private struct Training: Codable {
        var version: String
        var fingerprint: String
        var files: [String]
    }

    private static func training(
        of archive: [UInt8], card: String, version: String, _ files: [String]
    ) throws -> Data {
        var object: [String: Any] = [
            "version": version, "fingerprint": SHA256.hexadecimal(of: archive), "files": files,
        ]
        object["card"] = try JSONSerialization.jsonObject(with: Data(card.utf8))
        return try JSONSerialization.data(
            withJSONObject: object,
            options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
            + Data("\n".utf8)
    }

    private static func check(trainingAt file: URL, _ archive: [UInt8]) throws {
        let text = Data(try bytes(of: file))
        guard let training = try? JSONDecoder().decode(Training.self, from: text) else {
            throw ModelFileError(
                code: .invalidModel, message: "\(trainingName) is not the JSON that was exported.")
        }
        guard training.fingerprint == SHA256.hexadecimal(of: archive) else {
            throw ModelFileError(
                code: .invalidModel,
                message: "\(trainingName) is of another model, \(training.version).")
        }
    }
}
