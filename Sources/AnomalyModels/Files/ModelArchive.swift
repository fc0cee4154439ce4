// The safetensors format (https://huggingface.co/docs/safetensors): eight bytes with the length of the
// header, little-endian; the header, a JSON object with one entry for each tensor and one for free
// text; the tensors' bytes, back to back. Written from the format's description.

/// The tensors and texts of a model file: numbers, never code.
package struct ModelArchive: Sendable, Equatable {
    /// The name of the header's entry for free text; no tensor may have it.
    static let metadataName = "__metadata__"

    /// The largest file that is read; a forest of 100 trees takes about 1 MB.
    package static let byteCountMax = 1 << 30
    /// The longest header that is read; an entry takes about 100 bytes, a card may take some 100 KB.
    package static let headerByteCountMax = 16 << 20
    /// The most tensors that are read.
    package static let tensorCountMax = 65_536

    /// Free text by name; the model's card is the JSON under "card".
    package var metadata: [String: String]
    /// The tensors by name.
    package var tensors: [String: Tensor]

    /// An archive of the given parts.
    package init(metadata: [String: String] = [:], tensors: [String: Tensor] = [:]) {
        self.metadata = metadata
        self.tensors = tensors
    }

    /// The file's bytes, the same for equal archives.
    ///
    /// Tensors come by falling element size, then by name, and the header is padded with spaces to
    /// a multiple of eight bytes, so that every tensor is aligned for its elements.
    package func encoded() -> [UInt8] {
        precondition(tensors[Self.metadataName] == nil, "The header's own name is no tensor's.")
        let order = tensors.sorted {
            (-$0.value.element.byteCount, $0.key) < (-$1.value.element.byteCount, $1.key)
        }
        var header = encodedHeader(order)
        header.append(
            contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.count + order.reduce(0) { $0 + $1.value.bytes.count })
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: header)
        for (_, tensor) in order { bytes.append(contentsOf: tensor.bytes) }
        return bytes
    }

    private func encodedHeader(_ order: [(key: String, value: Tensor)]) -> [UInt8] {
        var entries: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }.map {
                "\(Self.quoted($0.key)):\(Self.quoted($0.value))"
            }
            let object = texts.joined(separator: ",")
            entries.append("\(Self.quoted(Self.metadataName)):{\(object)}")
        }
        var offset = 0
        for (name, tensor) in order {
            let end = offset + tensor.bytes.count
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                "\(Self.quoted(name)):{\"dtype\":\"\(tensor.element.rawValue)\","
                    + "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        return Array("{\(entries.joined(separator: ","))}".utf8)
    }

    /// A JSON string: quotes, backslashes and control characters escaped, all else as it is.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
