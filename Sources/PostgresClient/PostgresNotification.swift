/// One NOTIFY that reached a listening connection.
package struct PostgresNotification: Sendable, Equatable {
    /// The channel it was sent on.
    package let channel: String
    /// Its payload; empty where none was given.
    package let payload: String
    /// The server process of the sender.
    package let processID: Int32

    /// A notification with the given parts.
    package init(channel: String, payload: String, processID: Int32) {
        self.channel = channel
        self.payload = payload
        self.processID = processID
    }
}
