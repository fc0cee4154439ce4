/// Writes metrics in Prometheus' text format 0.0.4.
///
/// The format: https://prometheus.io/docs/instrumenting/exposition_formats/
struct ExpositionWriter {
    private(set) var text = ""

    /// Begins a metric: its sentence and its kind, before all its samples.
    mutating func begin(_ description: MetricDescription) {
        if !description.help.isEmpty {
            text += "# HELP \(description.name) \(Self.escaped(description.help, quotes: false))\n"
        }
        let kind =
            switch description.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        text += "# TYPE \(description.name) \(kind)\n"
    }

    /// Writes one value on a line of its own.
    mutating func write(_ sample: MetricSample) {
        text += sample.name
        if !sample.labels.isEmpty {
            let labels = sample.labels.map { label in
                "\(label.name)=\"\(Self.escaped(label.value, quotes: true))\""
            }
            text += "{\(labels.joined(separator: ","))}"
        }
        text += " \(Self.number(sample.value))\n"
    }

    /// A number as Prometheus reads it: whole ones without a point, the rest with all their digits.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value == value.rounded(), abs(value) < 9e15 { return String(Int64(value)) }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
