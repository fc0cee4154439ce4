import Foundation

/// A small file system in memory, and a file that fills it.
///
/// It is mounted where only this process and its children see it: for that the program has to run in a
/// mount namespace of its own, as root (`unshare -m`).
final class SmallDisk: Sendable {
    let folder: URL
    private var ballast: URL { folder.appending(path: "ballast") }

    /// Mounts it over the folder; nil where this is not permitted.
    init?(over folder: URL, megabytes: Int) {
        self.folder = folder
        let mount = Process()
        mount.executableURL = URL(filePath: "/bin/mount")
        mount.arguments = [
            "-t", "tmpfs", "-o", "size=\(megabytes)m,mode=755", "tmpfs", folder.path(),
        ]
        mount.standardError = FileHandle.nullDevice
        guard (try? mount.run()) != nil else { return nil }
        mount.waitUntilExit()
        guard mount.terminationStatus == 0 else { return nil }
    }

    /// Writes until nothing more fits.
    func fill() {
        _ = FileManager.default.createFile(atPath: ballast.path(), contents: nil)
        guard let file = try? FileHandle(forWritingTo: ballast) else { return }
        var block = Data(count: 1 << 20)
        // Ever smaller pieces, so that not even a page is left.
        while block.count >= 4096 {
            do {
                try file.write(contentsOf: block)
            } catch {
                block.removeLast(block.count - block.count / 16)
            }
        }
        try? file.close()
    }

    /// Gives all of it back.
    func free() {
        try? FileManager.default.removeItem(at: ballast)
    }

    func unmount() {
        let command = Process()
        command.executableURL = URL(filePath: "/bin/umount")
        command.arguments = ["-l", folder.path()]
        try? command.run()
        command.waitUntilExit()
    }

    /// Starts this program anew in a mount namespace of its own; returns only where that fails.
    static func enterOwnNamespace() {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        guard geteuid() == 0, let own else { return }
        let arguments = ["unshare", "-m", own] + CommandLine.arguments.dropFirst()
        setenv(marker, "1", 1)
        var texts = arguments.map { strdup($0) }
        texts.append(nil)
        execv("/usr/bin/unshare", texts)
    }

    private static let marker = "VIGIL_TORTURE_NAMESPACE"

    /// Whether this process has been started so.
    static var isInOwnNamespace: Bool { getenv(marker) != nil }
}
