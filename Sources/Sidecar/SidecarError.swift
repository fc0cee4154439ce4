/// Why the sidecar refuses to go on; one line that names the thing, and the way out.
package struct SidecarError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        case corruptModel
    }

    package var code: Code
    package var message: String
    package var hint: String

    package init(code: Code, message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String {
        "\(message); \(hint)"
    }
}
