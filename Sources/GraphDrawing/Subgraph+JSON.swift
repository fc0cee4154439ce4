package import Foundation

extension Subgraph {
    /// Reads the JSON of `anomalies.subgraph`.
    package init(json: Data) throws(DrawingError) {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            self = try decoder.decode(Subgraph.self, from: json)
        } catch {
            throw DrawingError(.invalidSubgraph, "The JSON is not a subgraph: \(error)")
        }
    }

    /// The subgraph as JSON: keys sorted, so that equal subgraphs give equal bytes.
    package func json() throws(DrawingError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            return Array(try encoder.encode(self))
        } catch {
            throw DrawingError(.invalidSubgraph, "The subgraph cannot be written as JSON: \(error)")
        }
    }
}
