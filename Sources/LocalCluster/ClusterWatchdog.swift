import Foundation

/// A small shell that stops the server when this process is gone, whatever ended it.
///
/// The shell reads from a pipe whose other end this process holds: it closes with the process, even
/// after SIGKILL.
final class ClusterWatchdog: Sendable {
    private let lifeline: Int32

    private static let script = """
        trap '' INT TERM HUP
        data=$1 socket=$2 folder=$3
        shift 3
        read -r line || :
        if [ -s "$data/postmaster.pid" ]; then "$@" >/dev/null 2>&1; fi
        if [ -n "$socket" ]; then rm -rf -- "$socket"; fi
        if [ -n "$folder" ]; then rm -rf -- "$folder"; fi
        """

    /// Starts the shell; `stopCommand` is what ends the server.
    init(of folder: ClusterFolder, stopCommand: ChildProcess) throws(LocalClusterError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw LocalClusterError(code: .commandFailed, message: "cannot open a pipe")
        }
        // A child that inherited the end would keep the pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        lifeline = ends[1]
        let shell = ChildProcess(
            executable: "/bin/sh",
            arguments: [
                "-c", Self.script, "vigil-watchdog", folder.data,
                folder.outsideSocketDirectory ?? "", folder.isTemporary ? folder.url.path : "",
                stopCommand.executable,
            ] + stopCommand.arguments)
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer {
            close(ends[0])
            close(nowhere)
        }
        do throws(LocalClusterError) {
            let processID = try shell.spawn(standardInput: ends[0], standardOutput: nowhere)
            // Takes its exit status, so that no zombie stays behind.
            Thread.detachNewThread { _ = ChildProcess.wait(for: processID) }
        } catch {
            close(lifeline)
            throw error
        }
    }

    deinit {
        close(lifeline)
    }
}
