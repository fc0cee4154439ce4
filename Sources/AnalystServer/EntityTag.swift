import Crypto

/// The name of an answer's bytes.
enum EntityTag {
    /// The first 128 bits of SHA-256, in hexadecimal digits.
    static func of(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).prefix(16)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
