import AnomalyDetection
import AnomalyModels
import ArgumentParser
import Foundation
import PostgresClient
import Sidecar
import Storage

/// Lists and moves models.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "List, move, compare and switch models.",
        subcommands: [
            List.self, Export.self, Import.self, Activate.self, Rollback.self, Delete.self,
            Challenge.self, Compare.self, Promote.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the stored models.")
        @OptionGroup var connection: ConnectionOptions
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let models = try await ModelStore.list(on: database)
            await database.close()
            if json {
                Terminal.say(try jsonText(models))
                return
            }
            Terminal.say(
                alignedTable(
                    header: ["version", "kind", "state", "created", "activated", "bytes"],
                    rows: models.map {
                        [
                            $0.version, $0.kind, $0.state, $0.createdAt, $0.activatedAt ?? "",
                            String($0.byteCount),
                        ]
                    }, rightAligned: [5]))
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a model's files: its parts as safetensors, and training.json.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The version.") var version: String
        @Option(help: "Folder; a folder per version is made in it.") var output = "models"
        @Option(help: "Write the whole model to this one file instead.") var single: String?

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            let bytes = try await ModelStore.archive(of: version, on: database)
            await database.close()
            let model = try decodedModel(bytes, version: version)
            if let single {
                try ModelFiles.writeWhole(bytes, to: single)
                Terminal.say("Model \(version) is in \(single)")
                return
            }
            let place = try ModelFiles.write(
                bytes, card: try jsonText(model.card), version: version, under: output)
            Terminal.say("Model \(version) is in \(place.path())")
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store an exported model in vigil.models as a candidate.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "A folder or file written by `vigil model export`.") var file: String

        func run() async throws {
            let bytes = try ModelFiles.read(file)
            let model = try decodedModel(bytes, version: file)
            let database = try await connection.connect()
            try await Installation.check(on: database)
            try await ModelStore.save(
                version: model.version, kind: "ensemble", card: try jsonText(model.card),
                archive: bytes, on: database)
            await database.close()
            Terminal.say("Model \(model.version) is stored as a candidate.")
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a stored version the one that judges.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The version.") var version: String

        func run() async throws {
            let database = try await connection.connect()
            try await Installation.check(on: database)
            _ = try decodedModel(
                try await ModelStore.archive(of: version, on: database), version: version)
            try await ModelStore.activate(version: version, on: database)
            await database.close()
            Terminal.say("Model \(version) is active.")
        }
    }
}
