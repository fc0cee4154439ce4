import Foundation
import Testing

extension Integration {
    /// The torture program for a short while; `VIGIL_TORTURE` gives other seconds, 0 leaves it out.
    @Suite("Torture", .requiresProgram) struct TortureTests {
        private static let seconds =
            Int(ProcessInfo.processInfo.environment["VIGIL_TORTURE"] ?? "20") ?? 20

        private static var program: URL? {
            let beside = VigilProgram.path.map {
                URL(filePath: $0).deletingLastPathComponent().appending(path: "vigil-torture")
            }
            return beside.flatMap {
                FileManager.default.isExecutableFile(atPath: $0.path()) ? $0 : nil
            }
        }

        @Test(
            "Writers beside killed sidecars and servers lose nothing, and nothing is doubled",
            .enabled(if: seconds > 0, "VIGIL_TORTURE is 0"),
            .enabled(if: program != nil, "vigil-torture is not beside the test bundle"))
        func shortTorture() async throws {
            let folder = try TemporaryFolder()
            let log = folder.url.appending(path: "torture.log")
            let torture = Process()
            torture.executableURL = Self.program
            torture.arguments = [
                "--seconds", "\(Self.seconds)", "--round", "\(Self.seconds)", "--seed", "20",
                "--patience", "600",
                "--log", log.path(),
            ]
            torture.standardOutput = FileHandle.nullDevice
            torture.standardInput = FileHandle.nullDevice
            try torture.run()
            defer { if torture.isRunning { torture.terminate() } }
            try await eventually(
                "the torture is over", within: .seconds(3600 + 5 * Self.seconds), equals: false
            ) {
                torture.isRunning
            }
            let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            #expect(torture.terminationStatus == 0, "\(said.suffix(6000))")
            #expect(said.contains("verdict: nothing lost, nothing doubled, nobody harmed"))
        }
    }
}
