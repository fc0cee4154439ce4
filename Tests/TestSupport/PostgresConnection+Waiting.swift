package import PostgresClient

/// A condition that did not come true in time.
package struct WaitTimeout: Error, CustomStringConvertible {
    /// The query whose answer stayed false.
    package let description: String
}

extension PostgresConnection {
    /// Asks the server again and again until the query's one value is true, for 20 seconds at most.
    package func waitUntil(_ sql: String, _ parameters: [PostgresParameter] = []) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let result = try await query(sql, parameters)
            if result.rowCount > 0, !result.isNull(row: 0, column: 0),
                try result.bool(row: 0, column: 0)
            {
                return
            }
            _ = try await query("SELECT pg_sleep(0.002)")
        }
        throw WaitTimeout(description: "never true: \(sql)")
    }
}
