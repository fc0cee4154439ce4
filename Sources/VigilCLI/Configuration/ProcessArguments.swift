import Foundation
import PostgresClient

/// The program's arguments as other users of the machine see them.
enum ProcessArguments {
    /// Overwrites passwords of connection strings in the process list, and says whether there were any.
    ///
    /// Linux shows the memory that the arguments were passed in, so it is overwritten there; the caller
    /// has its own copy. They could be seen until now: the only sure way is not to pass them.
    static func hidePasswords(among arguments: [String]) -> Bool {
        var secrets: [[UInt8]] = []
        for argument in arguments.dropFirst() {
            let value =
                argument.hasPrefix("--dsn=") ? String(argument.dropFirst("--dsn=".count)) : argument
            if value.contains("=") || value.contains("://"), Conninfo.hasSecret(value) {
                secrets.append(Array(value.utf8))
            }
        }
        guard !secrets.isEmpty, let range = argumentMemory() else { return !secrets.isEmpty }
        for secret in secrets { overwrite(secret, in: range) }
        return true
    }

    /// Where the kernel reads `/proc/self/cmdline` from.
    private static func argumentMemory() -> UnsafeMutableRawBufferPointer? {
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        // arg_start and arg_end are the 48th and 49th field of proc_pid_stat(5), these the third on.
        guard fields.count > 46, let first = UInt(fields[45]), let last = UInt(fields[46]),
            last > first, let start = UnsafeMutableRawPointer(bitPattern: first)
        else { return nil }
        return UnsafeMutableRawBufferPointer(start: start, count: Int(last - first))
    }

    /// Overwrites every place where the bytes stand, as a whole argument or at the end of one.
    private static func overwrite(_ bytes: [UInt8], in memory: UnsafeMutableRawBufferPointer) {
        guard bytes.count <= memory.count else { return }
        var place = 0
        while place + bytes.count <= memory.count {
            let part = memory[place..<(place + bytes.count)]
            if part.elementsEqual(bytes) {
                for index in part.indices { memory[index] = UInt8(ascii: "x") }
                place += bytes.count
            } else {
                place += 1
            }
        }
    }
}
