import Foundation
import Logging
import OperationsServer
import PostgresClient

/// The settings of `vigil run`, whatever place they come from.
struct RunConfiguration {
    var conninfo: String
    var seed: UInt64
    var threadCount: Int
    /// Whether to wait warm where another sidecar leads.
    var standsBy: Bool
    var logLevel: Logger.Level
    var logsJSON: Bool
    /// Where metrics and health are shown; nil: nowhere.
    var http: ListenAddress?
    /// What the server proves itself with; nil: it speaks without TLS.
    var certificate: ServerCertificate?
    var limits: HealthReport.Limits
    /// The loop stands still when an action takes so much longer than planned.
    var motionLimit: Duration
    private let layers: LayeredSettings

    /// All settings, with what they are by default.
    static let settings: [LayeredSettings.Setting] = [
        .init("dsn", ""), .init("seed", "1"),
        .init("threads", String(ProcessInfo.processInfo.activeProcessorCount)),
        .init("standby", "yes"),
        .init("log-level", "info"), .init("log-format", "text"), .init("http", ""),
        .init("http-open", "no"), .init("tls-certificate", ""), .init("tls-key", ""),
        .init("ready-lag-seconds", "10"), .init("stall-seconds", "60"),
    ]

    /// Reads the file, where one is named, and puts the places one over the other.
    init(flags: [String: String], file path: String?, environment: [String: String]) throws {
        let path = path ?? environment["VIGIL_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let file = try path.map {
            try ConfigurationFile(path: $0, names: Self.settings.map(\.name))
        }
        let layers = LayeredSettings(
            Self.settings, flags: flags, environment: environment, file: file)
        self.layers = layers
        conninfo = layers.text("dsn")
        seed = try layers.value("seed", "a whole number, 0 or more") { UInt64($0) }
        threadCount = try layers.value("threads", "a whole number, at least 1") { text in
            Int(text).flatMap { $0 >= 1 ? $0 : nil }
        }
        standsBy = try layers.value("standby", "yes or no") { text in
            ["yes": true, "true": true, "no": false, "false": false][text]
        }
        logLevel = try layers.value(
            "log-level", "one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        ) { Logger.Level(rawValue: $0) }
        logsJSON = try layers.value("log-format", "text or json") { text in
            ["text": false, "json": true][text]
        }
        http = try layers.value(
            "http", "HOST:PORT, a port alone for 127.0.0.1, or unix:/path; empty: off"
        ) { (text: String) -> ListenAddress?? in
            text.isEmpty || text == "off" ? .some(nil) : ListenAddress(text).map { .some($0) }
        }
        let isOpen = try layers.value("http-open", "yes or no") { text in
            ["yes": true, "true": true, "no": false, "false": false][text]
        }
        certificate = try Self.certificate(layers)
        if let http, http.isOpenToOthers, certificate == nil, !isOpen {
            throw Failure(
                exitCode: .configuration,
                message: """
                    other machines could reach \(http), and nothing would protect tokens on their way; \
                    name --tls-certificate and --tls-key, listen at 127.0.0.1 behind a server with TLS, \
                    or say --http-open
                    """)
        }
        limits = HealthReport.Limits(
            lagSeconds: try layers.value("ready-lag-seconds", "a number above 0", Self.seconds))
        motionLimit = .seconds(
            try layers.value("stall-seconds", "a number above 0", Self.seconds))
    }

    private static func certificate(_ layers: LayeredSettings) throws -> ServerCertificate? {
        let (chain, key) = (layers.text("tls-certificate"), layers.text("tls-key"))
        guard !chain.isEmpty || !key.isEmpty else { return nil }
        guard !chain.isEmpty, !key.isEmpty else {
            throw Failure(
                exitCode: .configuration,
                message: "TLS needs both tls-certificate and tls-key")
        }
        do {
            return try ServerCertificate(certificateFile: chain, keyFile: key)
        } catch let error as ServerCertificateError {
            throw Failure(exitCode: .configuration, message: "\(error)")
        }
    }

    private static func seconds(_ text: String) -> Double? {
        Double(text).flatMap { $0 > 0 && $0 < 1e9 ? $0 : nil }
    }

    /// Whether the password stands among the program's arguments.
    var hasPasswordInArguments: Bool {
        layers.values["dsn"]?.source == .flag("--dsn") && Conninfo.hasSecret(conninfo)
    }

    /// Each setting with its value and the place that it comes from; passwords are masked.
    var table: String {
        let rows = layers.settings.map { setting in
            let value = layers.values[setting.name]
            let text = value?.text ?? ""
            let shown = setting.name == "dsn" ? Conninfo.masked(text) : text
            return [
                setting.name, shown.isEmpty ? "-" : shown, "\(value?.source ?? .byDefault)",
            ]
        }
        return alignedTable(header: ["setting", "value", "from"], rows: rows)
    }
}
