import ArgumentParser
import Foundation
import PostgresClient
import Storage

/// Examines a deployment and says what to do.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Examine a deployment and say what to do.",
        discussion: """
            Looks at the server, the extension, rights, triggers, the doorbell, the feed, memory, disk, \\
            clocks and settings, and changes nothing. Run it as the role of the sidecar. Ends with 1 \\
            where there is a problem.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "End with 1 for warnings too.")
    var strict = false

    func run() async throws {
        let database = try await connection.connect()
        // What is held by somebody is told as such, and does not hold up the check.
        try await database.execute("SET lock_timeout = '2s'; SET statement_timeout = '60s'")
        let findings = await DeploymentCheck(on: database).run()
        await database.close()
        if json {
            Terminal.say(try jsonText(findings))
        } else {
            show(findings)
        }
        let isBad = findings.contains {
            $0.level == .problem || strict && $0.level == .warning
        }
        if isBad { throw ExitCode(1) }
    }

    private func show(_ findings: [CheckFinding]) {
        let colors: [CheckFinding.Level: Int] = [.ok: 32, .warning: 33, .problem: 31]
        for finding in findings {
            let level = finding.level.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
            Terminal.say(
                "\(Terminal.colored(level, colors[finding.level] ?? 0)) \(finding.subject): \(finding.message)"
            )
            if let advice = finding.advice { Terminal.say("         -> \(advice)") }
        }
        let counts = CheckFinding.Level.allCases.map { level in
            "\(findings.count { $0.level == level }) \(level.rawValue)"
        }
        Terminal.say(counts.joined(separator: ", "))
    }
}
