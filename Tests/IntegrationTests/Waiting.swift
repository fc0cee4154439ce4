/// What a test waited for in vain.
struct WaitedInVain: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until the value is as wanted, and returns it.
///
/// - Throws: after the deadline, what was waited for and what was seen last.
@discardableResult
func eventually<Value>(
    _ what: String, within patience: Duration = .seconds(45), _ value: () async throws -> Value,
    is wanted: (Value) -> Bool
) async throws -> Value {
    let deadline = ContinuousClock.now + patience
    while true {
        let seen = try await value()
        if wanted(seen) { return seen }
        guard ContinuousClock.now < deadline else {
            throw WaitedInVain(description: "waited \(patience) for: \(what); seen last: \(seen)")
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Asks again and again until the value equals the one expected.
func eventually<Value: Equatable>(
    _ what: String, within patience: Duration = .seconds(45), equals expected: Value,
    _ value: () async throws -> Value
) async throws {
    try await eventually("\(what) = \(expected)", within: patience, value) { $0 == expected }
}
