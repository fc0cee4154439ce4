import Foundation
import PackagePlugin

/// Joins SQL/ into one Swift string at build time, so that `vigil install` needs no file beside it.
@main
struct EmbedSQL: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let root = context.package.directoryURL
        let folder = root.appending(path: "SQL")
        let output = context.pluginWorkDirectoryURL.appending(path: "InstallationScript.swift")
        let sources =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath } ?? []
        return [
            .buildCommand(
                displayName: "Joining SQL/",
                executable: URL(filePath: "/bin/sh"),
                arguments: [
                    "-c", "\"$0\" --swift > \"$1\"",
                    folder.appending(path: "join.sh").path(), output.path(),
                ],
                inputFiles: sources + [root.appending(path: "Extension/vigil.control")],
                outputFiles: [output])
        ]
    }
}
