import Foundation
import Testing

/// The man page beside the commands that it describes.
@Suite("Manual", .requiresProgram) struct ManualTests {
    /// A command as the program describes itself.
    private struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable { var kind, name: String }
            var names: [Name]?
            var shouldDisplay: Bool
        }
        var commandName: String
        var superCommands: [String]?
        var subcommands: [Command]?
        var arguments: [Argument]?
    }

    private struct Dump: Decodable { var command: Command }

    @Test("packaging/vigil.1 has every command and option: `make manual` writes it anew")
    func current() async throws {
        let outcome = try await VigilProgram.run("--experimental-dump-help")
        let dump = try JSONDecoder().decode(Dump.self, from: Data(outcome.output.utf8))
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "packaging/vigil.1")
        let text = try String(contentsOf: page, encoding: .utf8)
        let words = Set(text.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
        var missing: [String] = []
        func check(_ command: Command) {
            guard command.commandName != "help" else { return }
            if !words.contains(command.commandName) { missing.append(command.commandName) }
            for argument in command.arguments ?? [] where argument.shouldDisplay {
                for name in argument.names ?? [] where name.kind == "long" {
                    let option = "-" + name.name
                    if !words.contains("-" + option) && !words.contains(option) {
                        missing.append("\(command.commandName) -\(option)")
                    }
                }
            }
            (command.subcommands ?? []).forEach(check)
        }
        check(dump.command)
        #expect(missing.isEmpty)
    }
}
