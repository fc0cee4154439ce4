import Foundation

/// The folder with PostgreSQL's programs.
package struct PostgresBinaries: Sendable, Equatable {
    /// The folder that holds `initdb`, `pg_ctl`, `postgres` and `psql`.
    package let folder: String
    /// The major version, such as 15.
    package let majorVersion: Int

    /// The oldest version that Vigil supports.
    package static let majorVersionMin = 15

    /// The path of one of the programs.
    func path(_ program: String) -> String { folder + "/" + program }

    /// The programs found in `PATH`, by `pg_config`, or where Debian puts them: the first that is
    /// of the wanted version, or new enough.
    package static func find(
        majorVersion wanted: Int? = nil
    ) async throws(LocalClusterError) -> PostgresBinaries {
        for folder in await candidates() {
            guard let binaries = await inspect(folder) else { continue }
            if let wanted {
                if binaries.majorVersion == wanted { return binaries }
            } else if binaries.majorVersion >= majorVersionMin {
                return binaries
            }
        }
        let package = wanted.map { "postgresql-\($0)" } ?? "postgresql"
        let version = wanted.map { "\($0)" } ?? "\(majorVersionMin) or newer"
        throw LocalClusterError(
            code: .binariesMissing,
            message: "no PostgreSQL server of version \(version) is installed (looked for initdb,"
                + " pg_ctl, postgres and psql in PATH, by pg_config and in"
                + " /usr/lib/postgresql); install it with: apt-get install \(package)")
    }

    private static let programs = ["initdb", "pg_ctl", "postgres", "psql"]

    private static func candidates() async -> [String] {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        var folders = path.map(String.init)
        if let configured = await configuredFolder(searching: folders) {
            folders.append(configured)
        }
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debianFolder)) ?? []
        for version in versions.compactMap(Int.init).sorted(by: >) {
            folders.append("\(debianFolder)/\(version)/bin")
        }
        return folders.filter { folder in
            programs.allSatisfy {
                FileManager.default.isExecutableFile(atPath: folder + "/" + $0)
            }
        }
    }

    private static let debianFolder = "/usr/lib/postgresql"

    private static func configuredFolder(searching folders: [String]) async -> String? {
        let tools = folders.map { $0 + "/pg_config" }
        guard let tool = tools.first(where: FileManager.default.isExecutableFile(atPath:)),
            let outcome = try? await ChildProcess(executable: tool, arguments: ["--bindir"]).run(),
            outcome.status == 0
        else { return nil }
        return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Reads the version from a line such as "pg_ctl (PostgreSQL) 15.20".
    private static func inspect(_ folder: String) async -> PostgresBinaries? {
        let command = ChildProcess(executable: folder + "/pg_ctl", arguments: ["--version"])
        guard let outcome = try? await command.run(), outcome.status == 0 else { return nil }
        let words = outcome.output.split(whereSeparator: \.isWhitespace)
        guard let position = words.firstIndex(of: "(PostgreSQL)"), position + 1 < words.count,
            let major = Int(words[position + 1].prefix(while: \.isNumber))
        else { return nil }
        return PostgresBinaries(folder: folder, majorVersion: major)
    }
}
