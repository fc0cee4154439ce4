/// The ids of a graph set's entities, or of its relationships, and their positions.
///
/// Ids that count the rows (1, 2, 3 or 0, 1, 2 and so on) take no room; others are kept in a table.
package struct GraphSetIndex: Sendable {
    private var positions: [String: Int] = [:]
    /// The first id, as long as each further one is the next number.
    private var firstNumber: Int?
    /// The number of ids.
    package private(set) var count = 0

    /// The position of an id; `nil` for an id that the set does not have.
    package func position(of externalID: String) -> Int? {
        guard let firstNumber else { return positions[externalID] }
        guard let number = Self.number(externalID), number >= firstNumber,
            number - firstNumber < count
        else { return nil }
        return number - firstNumber
    }

    /// Adds an id; false when it is there already.
    mutating func insert(_ externalID: String) -> Bool {
        if count == 0 { firstNumber = Self.number(externalID) }
        if let first = firstNumber {
            if Self.number(externalID) == first + count {
                count += 1
                return true
            }
            // No plain count: from here on a table, with what came before.
            firstNumber = nil
            for position in 0..<count { positions[String(first + position)] = position }
        }
        let kept = positions[externalID, default: count]
        guard kept == count else { return false }
        positions[externalID] = count
        count += 1
        return true
    }

    /// The number that a text writes without ornament; `nil` for any other text.
    private static func number(_ text: String) -> Int? {
        guard let number = Int(text), number >= 0, number < 1 << 48, String(number) == text
        else { return nil }
        return number
    }
}
