import { writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A certificate for `localhost` and 127.0.0.1 that signs itself, good until 2120. For tests: everybody has its key. */
export const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDEwlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMT
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABITxxtUg1pZC/6dO
tvgJYR7VScQo0JcYZFXDDgiCZ1CPlMaofXm4qHfV1GlTPMB4OjvxP6ZAB8hNmG6F
psM/EzKjXjBcMA4GA1UdDwEB/wQEAwIChDAPBgNVHRMBAf8EBTADAQH/MB0GA1Ud
DgQWBBQf8A/QwZC1Z9D081Pz2GfFuoQU9jAaBgNVHREEEzARgglsb2NhbGhvc3SH
BH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIhAKlve8vdoZllTpko4PVMAnH6Sd4ZBwWk
tmOQw9il2NkWAiAVDbPrUaQ6ZIMXEYZkl1eogRl0i/wZRgm+he1HW9IZqQ==
-----END CERTIFICATE-----
`

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdc70GPe/tWZAEu9g
36d+wTvTLceO6yaNFFZ8x1DfQI6hRANCAASE8cbVINaWQv+nTrb4CWEe1UnEKNCX
GGRVww4IgmdQj5TGqH15uKh31dRpUzzAeDo78T+mQAfITZhuhabDPxMy
-----END PRIVATE KEY-----
`

/** Writes the certificate and its key into a folder, as the settings want them: two files. */
export async function writeTestCertificate(folder: string): Promise<{ certFile: string; keyFile: string }> {
  const [certFile, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')]
  await writeFile(certFile, TEST_CERTIFICATE)
  await writeFile(keyFile, KEY)
  return { certFile, keyFile }
}
