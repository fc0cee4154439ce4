import Foundation

/// The measures of a validation, as a table for people.
struct MeasureTable {
    /// Nil where nothing was measured.
    private(set) var text: String?

    private static let tails = ["0.1", "0.01", "0.001"]
    private static let measures: [(name: String, title: String)] = [
        ("precision", "precision at the threshold"), ("recall", "recall at the threshold"),
        ("f1", "F1 at the threshold"), ("roc_auc", "ROC-AUC"),
        ("average_precision", "PR-AUC (average precision)"),
        ("precision_at_20", "precision at 20"), ("calibration_error", "calibration error"),
        ("brier_score", "Brier score"),
    ]

    init(_ measures: [String: Double]) {
        var rows: [[String]] = []
        func count(_ name: String) -> Int { Int(measures[name] ?? 0) }
        func add(_ title: String, _ name: String) {
            guard let value = measures[name] else { return }
            let ends = [measures["\(name)_low"], measures["\(name)_high"]].compactMap { $0 }
            rows.append([
                title, Self.number(value),
                ends.count == 2 ? "\(Self.number(ends[0])) .. \(Self.number(ends[1]))" : "",
                measures["\(name)_mean"].map(Self.number) ?? "",
                measures["\(name)_spread"].map(Self.number) ?? "",
            ])
        }
        for (scope, plural) in [("entity", "entities"), ("relationship", "relationships")]
        where measures["\(scope)_tail_0.1"] != nil {
            for tail in Self.tails { add("\(plural) with p <= \(tail)", "\(scope)_tail_\(tail)") }
            add("\(plural): calibration error", "\(scope)_tail_calibration_error")
        }
        for (prefix, title) in [("planted", "planted"), ("reviews", "reviewed")]
        where measures["\(prefix)_roc_auc"] != nil {
            for (name, text) in Self.measures { add("\(title): \(text)", "\(prefix)_\(name)") }
        }
        guard !rows.isEmpty else { return }
        text = """
            Measured on rows held back: \(count("validation_folds")) folds, \
            \(count("validation_entities")) entities, \
            \(count("validation_relationships")) relationships;
            \(count("planted_count")) planted among \(count("planted_ordinary_count")); \
            \(count("reviews_confirmed")) confirmed and \(count("reviews_dismissed")) dismissed \
            in reviews.
            The model itself is fitted to all rows.

            """
            + alignedTable(
                header: ["measure", "value", "95 % interval", "mean of folds", "spread"],
                rows: rows, rightAligned: [1, 2, 3, 4])
    }

    private static func number(_ value: Double) -> String {
        String(format: abs(value) < 0.01 && value != 0 ? "%.4f" : "%.3f", value)
    }
}
