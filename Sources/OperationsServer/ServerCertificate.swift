package import HummingbirdTLS
import NIOSSL

/// What the server proves itself with: TLS 1.2 or later.
package struct ServerCertificate: Sendable {
    package let configuration: TLSConfiguration

    /// Reads a certificate with its chain, and its key, both as PEM.
    ///
    /// - Throws: ``ServerCertificateError`` where a file cannot be used, or where they do not belong together.
    package init(certificateFile: String, keyFile: String) throws {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificateFile)
        } catch {
            throw ServerCertificateError(file: certificateFile, lack: "certificate")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
        } catch {
            throw ServerCertificateError(file: keyFile, lack: "private key without a password")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerCertificateError(
                file: keyFile, lack: "key of the certificate in \(certificateFile)")
        }
        self.configuration = configuration
    }
}

/// A file that the server cannot prove itself with.
package struct ServerCertificateError: Error, CustomStringConvertible {
    package var file: String
    package var lack: String

    package var description: String {
        "\(file) holds no \(lack): name PEM files that the sidecar may read"
    }
}
