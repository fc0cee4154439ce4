import Foundation

/// Settings from several places: a flag outdoes the environment, that a file, and that the default.
struct LayeredSettings {
    /// Where a value comes from.
    enum Source: Equatable, CustomStringConvertible {
        case byDefault
        case file(String, line: Int)
        case environment(String)
        case flag(String)

        var description: String {
            switch self {
            case .byDefault: "default"
            case .file(let path, let line): "\(path), line \(line)"
            case .environment(let name): "environment, \(name)"
            case .flag(let name): name
            }
        }
    }

    /// What a setting is called, and what it is where nobody sets it.
    struct Setting {
        var name: String
        var standard: String

        init(_ name: String, _ standard: String) {
            self.name = name
            self.standard = standard
        }

        /// The variable of the environment.
        var variable: String { "VIGIL_" + name.replacing("-", with: "_").uppercased() }
    }

    struct Value {
        var text: String
        var source: Source
    }

    private(set) var values: [String: Value] = [:]
    let settings: [Setting]

    init(
        _ settings: [Setting], flags: [String: String], environment: [String: String],
        file: ConfigurationFile?
    ) {
        self.settings = settings
        for setting in settings {
            let name = setting.name
            if let text = flags[name] {
                values[name] = Value(text: text, source: .flag("--\(name)"))
            } else if let text = environment[setting.variable], !text.isEmpty {
                values[name] = Value(text: text, source: .environment(setting.variable))
            } else if let file, let entry = file.entries[name] {
                values[name] = Value(
                    text: entry.value, source: .file(file.path, line: entry.line))
            } else {
                values[name] = Value(text: setting.standard, source: .byDefault)
            }
        }
    }

    /// The value as a text; empty where it is not set.
    func text(_ name: String) -> String { values[name]?.text ?? "" }

    /// The value as what it stands for.
    /// - Throws: a failure that names the place and what is expected there.
    func value<Value>(
        _ name: String, _ expected: String, _ read: (String) -> Value?
    ) throws -> Value {
        let given = values[name]
        if let value = read(given?.text ?? "") { return value }
        let source = given?.source ?? .byDefault
        var isFlag = false
        if case .flag = source { isFlag = true }
        throw Failure(
            exitCode: isFlag ? .usage : .configuration,
            message: "\(name) is \"\(given?.text ?? "")\" (\(source)); it must be \(expected)")
    }
}
