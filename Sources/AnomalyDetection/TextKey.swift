/// A 64-bit key of a text (FNV-1a): equal texts have equal keys in every process.
///
/// Tags and sources are compared, never read: their keys take 8 bytes each, whatever their length.
/// - SeeAlso: G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, The FNV Non-Cryptographic Hash Algorithm.
package func textKey(_ text: some StringProtocol) -> UInt64 {
    textKey(utf8: text.utf8)
}

/// The key of the text that these bytes are in UTF-8.
package func textKey(utf8 bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return hash
}
