import Foundation

/// Texts of an archive that are JSON: its card, and what else is not numbers.
extension ModelArchive {
    /// The name of the card among the texts.
    package static let cardName = "card"

    /// The model's card; the error says that it is missing or what is wrong with it.
    package func card() throws(ModelFileError) -> ModelCard {
        try decoded(ModelCard.self, from: Self.cardName)
    }

    /// Sets a text to the JSON of a value, keys sorted, so that equal values give equal bytes.
    ///
    /// The value's numbers must be finite: JSON has no others.
    package mutating func encode(_ value: some Encodable, as name: String) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            metadata[name] = String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            preconditionFailure("A model's facts are finite numbers: \(error)")
        }
    }

    /// The value whose JSON a text is.
    package func decoded<Value: Decodable>(
        _ type: Value.Type, from name: String
    ) throws(ModelFileError) -> Value {
        guard let text = metadata[name] else {
            throw ModelFileError(
                code: .invalidModel, message: "The file has no metadata \(name).")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw ModelFileError(
                code: .invalidModel, message: "The metadata \(name) is not readable.")
        }
    }
}
