import CLibPQ

/// Connection parameters by keyword, as libpq lists them.
enum ConninfoOptions {
    /// Reads and frees libpq's list; the password is never taken over.
    static func take(_ list: UnsafeMutablePointer<PQconninfoOption>?) -> [String: String] {
        guard let list else { return [:] }
        defer { PQconninfoFree(list) }
        var options: [String: String] = [:]
        var entry = list
        while let keyword = entry.pointee.keyword {
            let name = String(cString: keyword)
            if name != "password", name != "sslpassword", let value = entry.pointee.val {
                options[name] = String(cString: value)
            }
            entry += 1
        }
        return options
    }

    /// The parameters that a connection string names; throws where it cannot be understood.
    static func parse(_ conninfo: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        let list = PQconninfoParse(conninfo, &message)
        defer { PQfreemem(message) }
        guard list == nil else { return take(list) }
        throw PostgresError(
            code: .invalidConnectionString,
            message: "the connection string cannot be understood"
                + explanation(message.map { String(cString: $0) }, of: conninfo),
            hint: "it has the form \"host=/run/postgresql dbname=vigil user=vigil\""
                + " or postgresql://user@host:port/database",
            context: "connecting to PostgreSQL")
    }

    /// libpq quotes the part that it stumbled over, which may be the password: then nothing is said.
    private static func explanation(_ message: String?, of conninfo: String) -> String {
        guard let message, !mayHoldPassword(conninfo) else { return "" }
        return ": " + message.trimmingNewlines
    }

    private static func mayHoldPassword(_ conninfo: String) -> Bool {
        let text = conninfo.lowercased()
        return text.contains("pass") || text.contains("@")
    }
}

extension String {
    var trimmingNewlines: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
