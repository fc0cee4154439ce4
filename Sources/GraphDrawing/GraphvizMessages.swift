import CGraphviz
import Synchronization

/// What Graphviz says while it works; it would otherwise go to the standard error stream.
enum GraphvizMessages {
    private static let byteCountMax = 4096
    private static let text = Mutex("")

    /// Sends errors here and silences warnings; once for the process.
    static func capture() {
        agseterr(AGERR)
        agseterrf { pointer in
            guard let pointer else { return 0 }
            let piece = String(cString: pointer)
            GraphvizMessages.text.withLock {
                if $0.utf8.count < GraphvizMessages.byteCountMax { $0 += piece }
            }
            return 0
        }
    }

    /// Forgets what was said before.
    static func clear() {
        agreseterrors()
        text.withLock { $0 = "" }
    }

    /// What was said since, as one line; empty where nothing was.
    static func take() -> String {
        let said = text.withLock { text in
            defer { text = "" }
            return text
        }
        return DisplayText.visible(said.replacing("\n", with: " "), lengthMax: 400)
    }
}
