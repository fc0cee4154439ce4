import Foundation

/// Model files on disk: `<folder>/<version>/entity.safetensors` and `card.json`.
enum ModelFiles {
    static func write(
        _ archive: [UInt8], card: String, version: String, under folder: String
    ) throws -> URL {
        let place = URL(filePath: folder).appending(path: version)
        do {
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data(archive).write(
                to: place.appending(path: "entity.safetensors"), options: .atomic)
            try Data((card + "\n").utf8).write(
                to: place.appending(path: "card.json"), options: .atomic)
        } catch {
            throw Failure(
                exitCode: .cannotCreate,
                message: "cannot write \(place.path()): \(error.localizedDescription)")
        }
        return place
    }

    static func read(_ path: String) throws -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure(
                exitCode: .noInput, message: "cannot read \(path): \(error.localizedDescription)")
        }
    }
}
