/// A SQL statement with the values of its parameters.
package struct Statement: Sendable, Equatable {
    /// The text, with `$1`, `$2` and so on for the parameters; the key of the statement cache.
    package var sql: String
    /// The values in order.
    package var parameters: [PostgresParameter]

    /// A statement to be prepared once and run with these values.
    package init(_ sql: String, _ parameters: [PostgresParameter] = []) {
        self.sql = sql
        self.parameters = parameters
    }

    /// Throws where the statement cannot be sent at all, so that nothing of a pipeline is sent then.
    static func validate(_ sql: String, _ parameters: [PostgresParameter]) throws(PostgresError) {
        guard parameters.count <= ParameterBuffer.parameterCountMax else {
            throw PostgresError(
                code: .unexpectedResult,
                message: "\(parameters.count) parameters are more than the protocol can count",
                hint: "pass arrays and unnest them", context: excerpt(sql))
        }
        for (position, parameter) in parameters.enumerated() {
            guard let invalid = parameter.invalidUUID else { continue }
            throw PostgresError(
                code: .unexpectedResult,
                message: "parameter $\(position + 1), \"\(invalid)\", is not a UUID",
                hint: "a UUID has the form 00000000-0000-0000-0000-000000000000",
                context: excerpt(sql))
        }
    }

    /// Whether the statement moves rows by COPY, which has methods of its own.
    static func isCopy(_ sql: String) -> Bool {
        sql.drop(while: \.isWhitespace).prefix(4).uppercased() == "COPY"
    }

    /// The start of a statement on one line, for errors.
    static func excerpt(_ sql: String) -> String {
        let words = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count <= 160 ? words : words.prefix(157) + "..."
    }
}
