import ArgumentParser
import Foundation
import Storage

/// Graph anomaly detection for PostgreSQL.
@main
struct Vigil: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vigil",
        abstract: "Graph anomaly detection for PostgreSQL.",
        discussion: """
            Exit codes: 0 done; 1 `check` found a problem, or drift was found and --fail asks; 64 wrong usage; 65 bad input data or a corrupt model; 66 no such
            file, anomaly or model; 69 PostgreSQL cannot be reached or is not installed; 70 an
            unexpected failure; 73 the output cannot be written; 75 another sidecar or server is
            in the way, try later; 77 not permitted; 78 Vigil is not installed there, is of
            another version, or a setting forbids; 130 interrupted.
            """,
        version: extensionVersion,
        subcommands: [
            DemoCommand.self, InstallCommand.self, UpgradeCommand.self, RunCommand.self,
            AnomaliesCommand.self, ShowCommand.self, ReviewCommand.self, WatchCommand.self,
            PlaybookCommand.self, ReportCommand.self,
            ImportCommand.self, TrainCommand.self, TuneCommand.self, DetectCommand.self,
            EvaluateCommand.self,
            ExportCommand.self, StatusCommand.self, CheckCommand.self, TaskCommand.self,
            ModelCommand.self,
            ReplayCommand.self, PreviewCommand.self, DriftCommand.self, MetricsCommand.self,
            EstimateCommand.self, GenerateCommand.self, TokenCommand.self, WebhookCommand.self,
        ])

    /// Runs a command; an error becomes one line on standard error and an exit code by its kind.
    static func main() async {
        let arguments = CommandLine.arguments
        let hadPasswords = ProcessArguments.hidePasswords(among: arguments)
        do {
            if hadPasswords {
                Terminal.complain(
                    "vigil: warning: a password among the arguments could be seen in the process list; "
                        + "use ~/.pgpass, PGPASSFILE or PGPASSWORD")
            }
            var command = try parseAsRoot(Array(arguments.dropFirst()))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            if let failure = Failure(error) {
                Terminal.complain("vigil: \(failure.message)")
                Foundation.exit(failure.exitCode)
            }
            exit(withError: error)
        }
    }
}
