import ArgumentParser
import Foundation
import PostgresClient
import Sidecar
import Storage

/// Ways back and out, and the comparison of champion and challenger.
extension ModelCommand {
    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to the model that was active before.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            let database = try await connection.connectInstalled()
            let outcome = try await ModelStore.rollback(on: database)
            await database.close()
            let retired = outcome.retired.map { "; \($0) is retired" } ?? ""
            Terminal.say("Model \(outcome.activated) is active again\(retired).")
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a version that is not in use.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The version.") var version: String

        func run() async throws {
            let database = try await connection.connectInstalled()
            try await ModelStore.delete(version: version, on: database)
            await database.close()
            Terminal.say("Model \(version) is deleted.")
        }
    }

    struct Challenge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a version judge in the shadow of the active one.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The version.") var version: String?
        @Flag(help: "End the challenge.") var none = false

        func validate() throws {
            guard (version == nil) == none else {
                throw ValidationError("give a version, or --none to end the challenge")
            }
        }

        func run() async throws {
            let database = try await connection.connectInstalled()
            if let version {
                _ = try decodedModel(
                    try await ModelStore.archive(of: version, on: database), version: version)
                let outcome = try await ModelStore.challenge(version: version, on: database)
                let dismissed = outcome.dismissed.map { " in place of \($0)" } ?? ""
                Terminal.say("Model \(version) challenges \(outcome.champion)\(dismissed).")
            } else if let dismissed = try await ModelStore.dismissChallenger(on: database) {
                Terminal.say("Model \(dismissed) challenges no longer.")
            } else {
                Terminal.say("There was no challenger.")
            }
            await database.close()
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the challenger the active model, or say why not.",
            discussion: """
                What is asked of a challenger are the settings promotion_*. Exits with 75 where it is \
                refused.
                """)
        @OptionGroup var connection: ConnectionOptions
        @Flag(help: "Whatever speaks against it.") var force = false
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let database = try await connection.connectInstalled()
            let outcome = try await ModelStore.promote(force: force, on: database)
            await database.close()
            let reasons = outcome.reasons.map { "  - \($0)" }.joined(separator: "\n")
            if json {
                Terminal.say(try jsonText(outcome))
            } else if outcome.promoted {
                Terminal.say("Model \(outcome.version) is active.\n\(reasons)")
            }
            guard outcome.promoted else {
                if !json { Terminal.say(reasons) }
                throw Failure(
                    exitCode: .tryLater,
                    message: "the challenger \(outcome.version) is not promoted: "
                        + "\(outcome.reasons.first ?? "") (--force does it all the same)")
            }
        }
    }

    struct Compare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the active model and its challenger beside each other.",
            discussion: """
                Reviewed are the anomalies that the active model raised, for the most part: precision \
                and recall on reviews favour it.
                """)
        @OptionGroup var connection: ConnectionOptions
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let database = try await connection.connectInstalled()
            let lines = try await ModelStore.compare(on: database)
            let versions = try await ModelStore.versionsInUse(on: database)
            await database.close()
            guard let champion = versions.active, let challenger = versions.challenger else {
                throw Failure(
                    exitCode: .noInput,
                    message: "there is no challenger; `vigil model challenge VERSION` makes one")
            }
            if json {
                Terminal.say(try jsonText(lines))
                return
            }
            Terminal.say(
                alignedTable(
                    header: ["measure", champion, "", challenger, "", "subjects"],
                    rows: lines.map { line in
                        [
                            line.measure, Self.figure(line.champion),
                            Self.interval(line.championLow, line.championHigh),
                            Self.figure(line.challenger),
                            Self.interval(line.challengerLow, line.challengerHigh),
                            String(line.subjects),
                        ]
                    }, rightAligned: [1, 3, 5]))
        }

        private static func figure(_ value: Double?) -> String {
            guard let value else { return "" }
            return value == value.rounded() && abs(value) > 1
                ? String(format: "%.0f", value) : String(format: "%.3f", value)
        }

        private static func interval(_ low: Double?, _ high: Double?) -> String {
            guard let low, let high else { return "" }
            return String(format: "%.3f to %.3f", low, high)
        }
    }
}

extension ConnectionOptions {
    /// A connection to a database with Vigil in it.
    fileprivate func connectInstalled() async throws -> PostgresConnection {
        let database = try await connect()
        try await Installation.check(on: database)
        return database
    }
}
