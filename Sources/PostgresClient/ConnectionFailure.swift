import CLibPQ

/// A failed attempt to connect, turned into one clear error.
struct ConnectionFailure {
    /// libpq's message with verbose errors of the server.
    let message: String
    /// The parameters in force, without the password.
    let parameters: [String: String]

    var error: PostgresError {
        let report = ServerReport(verboseMessage: message)
        let reason = report.reason
        switch report.sqlState {
        case "28P01", "28000":
            return failure(
                .authenticationFailed, report, "PostgreSQL refused user \"\(user)\"", reason,
                hint: "check the user, its password (PGPASSWORD, ~/.pgpass) and pg_hba.conf")
        case "3D000":
            return failure(
                .databaseMissing, report, "there is no database \"\(database)\"", reason,
                hint: "create it with: createdb \(database)")
        case nil where message.contains("no password supplied"):
            return failure(
                .authenticationFailed, report, "PostgreSQL asks for a password", reason,
                hint: "give one by PGPASSWORD or ~/.pgpass")
        case nil where isAboutTLS:
            return failure(
                .connectionFailed, report, "no TLS connection to PostgreSQL", reason,
                hint:
                    "check sslmode, sslrootcert (the authority that signed the server's certificate)"
                    + " and that the certificate names this host")
        case nil:
            return failure(
                .connectionFailed, report, "PostgreSQL cannot be reached", reason,
                hint: "check that the server runs, and its host and port")
        default:
            return failure(
                .connectionFailed, report, "PostgreSQL refused the connection", reason, hint: nil)
        }
    }

    private func failure(
        _ code: PostgresError.Code, _ report: ServerReport, _ what: String, _ reason: String,
        hint: String?
    ) -> PostgresError {
        var error = PostgresError(
            code: code, sqlState: report.sqlState,
            message: "\(what) at \(place), database \"\(database)\", user \"\(user)\": \(reason)",
            hint: report.hint ?? hint, context: "connecting to PostgreSQL")
        error.detail = report.detail
        return error
    }

    /// Whether libpq speaks of a certificate or of TLS itself.
    private var isAboutTLS: Bool {
        ["SSL", "certificate"].contains { message.contains($0) }
    }

    private var user: String { parameters["user"] ?? "" }
    private var database: String { parameters["dbname"] ?? user }

    private var place: String {
        let port = parameters["port"] ?? "5432"
        let host = parameters["host"] ?? parameters["hostaddr"] ?? "the default socket"
        return host.hasPrefix("/") ? "socket \(host)/.s.PGSQL.\(port)" : "\(host), port \(port)"
    }
}

/// The parts of a verbose message such as
/// `connection to server ... failed: FATAL:  28P01: password authentication failed for user "x"`.
struct ServerReport {
    private(set) var sqlState: String?
    private(set) var reason: String
    private(set) var detail: String?
    private(set) var hint: String?

    init(verboseMessage: String) {
        var reasons: [String] = []
        for line in verboseMessage.split(separator: "\n") {
            if let value = Self.value(of: "DETAIL", in: line) {
                detail = value
            } else if let value = Self.value(of: "HINT", in: line) {
                hint = value
            } else if Self.value(of: "LOCATION", in: line) == nil, !line.hasPrefix("\t") {
                reasons.append(Self.withoutPlace(line))
            }
        }
        reason = reasons.joined(separator: "; ")
        guard let position = Self.sqlStatePosition(in: reason) else { return }
        sqlState = String(reason[position])
        // The code and its colon go; the severity before them stays.
        let end = reason.index(position.upperBound, offsetBy: 2)
        reason.removeSubrange(position.lowerBound..<end)
    }

    /// The line without the place that libpq puts before it: the error says it better.
    private static func withoutPlace(_ line: Substring) -> String {
        guard line.hasPrefix("connection to server"),
            let end = line.firstRange(of: " failed: ")
        else { return String(line) }
        return String(line[end.upperBound...])
    }

    private static func value(of name: String, in line: Substring) -> String? {
        guard line.hasPrefix(name + ":") else { return nil }
        return String(line.dropFirst(name.count + 1).drop(while: \.isWhitespace))
    }

    /// The five characters between ":  " and ": ", which stand so in every language of the server.
    private static func sqlStatePosition(in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            let rest = text[start...]
            guard rest.hasPrefix(":  ") else {
                start = text.index(after: start)
                continue
            }
            let code = rest.dropFirst(3).prefix(5)
            let isCode = code.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            }
            if code.count == 5, isCode, rest.dropFirst(8).hasPrefix(": ") {
                return code.startIndex..<code.endIndex
            }
            start = text.index(after: start)
        }
        return nil
    }
}
