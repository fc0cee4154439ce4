import Foundation

/// A PostgreSQL array literal of numbers; NaN is a value of float8, so it stays.
func arrayLiteral(_ values: [Double]) -> String {
    "{" + values.map { $0.isNaN ? "NaN" : "\($0)" }.joined(separator: ",") + "}"
}

/// A PostgreSQL array literal of texts, every element quoted.
func arrayLiteral(_ values: [String]) -> String {
    "{"
        + values.map { value in
            "\""
                + value.replacingOccurrences(of: "\\", with: "\\\\")
                .replacingOccurrences(of: "\"", with: "\\\"") + "\""
        }.joined(separator: ",") + "}"
}
