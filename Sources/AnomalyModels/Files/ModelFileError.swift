/// Why a model file was refused.
package struct ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What to branch on.
    package enum Code: String, Sendable {
        /// The file ends before what its header announces.
        case truncated
        /// The file, its header, or the number of its tensors is above the stated limit.
        case oversized
        /// The header is not the JSON that the format asks for, or not UTF-8.
        case malformedHeader
        /// Two entries of the header have the same name.
        case duplicateName
        /// A tensor's element type is none that this reader knows.
        case unsupportedElement
        /// A shape, or the byte range beside it, is impossible, or not what the model asks for.
        case wrongShape
        /// The tensors' byte ranges overlap, or leave gaps between them or after them.
        case overlappingTensors
        /// A tensor that the model needs is not in the file.
        case missingTensor
        /// The tensors are readable, but their numbers are no model.
        case invalidModel
    }

    /// What to branch on.
    package let code: Code
    /// One sentence for people.
    package let message: String

    /// An error with its reason.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The message, with the code before it.
    package var description: String { "\(code.rawValue): \(message)" }
}
