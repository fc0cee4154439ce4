import GraphFiles
import ParallelLoops

/// The metrics of all nodes as rows of text, the node first.
struct MetricTable: Sendable {
    /// How rows are written.
    enum Format: String, CaseIterable {
        case csv, json
    }

    let names: NodeNames
    /// The columns in their order.
    let columns: [(metric: Metric, column: MetricColumn)]

    /// Rows that are formatted before they are written: enough for all threads, and few megabytes.
    private static let blockRowCount = 1 << 16

    /// Writes a header and a row for each node, formatted on several threads.
    func write(_ format: Format, to output: borrowing OutputFile, threadCount: Int) throws {
        switch format {
        case .csv:
            let header = (["node"] + columns.map(\.metric.rawValue)).joined(separator: ",")
            try output.write(Array((header + "\n").utf8))
        case .json:
            try output.write(Array("[".utf8))
        }
        for start in stride(from: 0, to: names.count, by: Self.blockRowCount) {
            let count = min(Self.blockRowCount, names.count - start)
            let parts = parallelFor(threadCount: threadCount) { thread -> [UInt8] in
                let part = share(of: count, thread: thread, threadCount: threadCount)
                var text: [UInt8] = []
                text.reserveCapacity(part.count * (columns.count + 1) * 12)
                for row in part {
                    switch format {
                    case .csv: appendCSV(start + row, to: &text)
                    case .json: appendJSON(start + row, to: &text)
                    }
                }
                return text
            }
            for part in parts { try output.write(part) }
        }
        if format == .json { try output.write(Array("\n]\n".utf8)) }
    }

    private func appendCSV(_ row: Int, to text: inout [UInt8]) {
        names.appendCSV(row, to: &text)
        for (_, column) in columns {
            text.append(UInt8(ascii: ","))
            switch column {
            case .nodes(let nodes): names.appendCSV(Int(nodes[row]), to: &text)
            default: column.append(row, to: &text)
            }
        }
        text.append(UInt8(ascii: "\n"))
    }

    private func appendJSON(_ row: Int, to text: inout [UInt8]) {
        text += (row == 0 ? "\n{\"node\":" : ",\n{\"node\":").utf8
        names.appendJSON(row, to: &text)
        for (metric, column) in columns {
            text += ",\"".utf8
            text += metric.rawValue.utf8
            text += "\":".utf8
            switch column {
            case .nodes(let nodes): names.appendJSON(Int(nodes[row]), to: &text)
            case .reals(let values) where !values[row].isFinite: text += "null".utf8
            default: column.append(row, to: &text)
            }
        }
        text.append(UInt8(ascii: "}"))
    }
}

extension MetricColumn {
    /// The value of a row; the shortest text that reads back as the same number.
    fileprivate func append(_ row: Int, to text: inout [UInt8]) {
        switch self {
        case .counts(let values), .nodes(let values): appendInteger(Int(values[row]), to: &text)
        case .largeCounts(let values): appendInteger(values[row], to: &text)
        case .flags(let values): text += (values[row] ? "true" : "false").utf8
        case .reals(let values): text += values[row].description.utf8
        }
    }
}

private func appendInteger(_ value: Int, to text: inout [UInt8]) {
    guard value >= 0 else {
        text += String(value).utf8
        return
    }
    let start = text.count
    var rest = value
    repeat {
        text.append(UInt8(ascii: "0") + UInt8(rest % 10))
        rest /= 10
    } while rest > 0
    text[start...].reverse()
}

extension NodeNames {
    /// A name as a CSV field, quoted where it has to be.
    fileprivate func appendCSV(_ index: Int, to text: inout [UInt8]) {
        switch self {
        case .integers(let values): appendInteger(Int(values[index]), to: &text)
        case .texts(let texts):
            let name = texts[index]
            let quote = UInt8(ascii: "\"")
            let needsQuotes = name.contains {
                $0 == UInt8(ascii: ",") || $0 == quote || $0 == UInt8(ascii: "\n")
                    || $0 == UInt8(ascii: "\r")
            }
            guard needsQuotes else {
                text += name
                return
            }
            text.append(quote)
            for byte in name {
                if byte == quote { text.append(quote) }
                text.append(byte)
            }
            text.append(quote)
        }
    }

    /// A name as JSON.
    fileprivate func appendJSON(_ index: Int, to text: inout [UInt8]) {
        switch self {
        case .integers(let values): appendInteger(Int(values[index]), to: &text)
        case .texts(let texts):
            text.append(UInt8(ascii: "\""))
            for byte in texts[index] {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                    text += [UInt8(ascii: "\\"), byte]
                case 0..<0x20:
                    let digits = String(byte, radix: 16)
                    text += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
                default: text.append(byte)
                }
            }
            text.append(UInt8(ascii: "\""))
        }
    }
}
