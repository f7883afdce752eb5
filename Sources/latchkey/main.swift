import ArgumentParser
import GRDB
import Hummingbird
import HummingbirdTLS
import Yams
import Crypto
print("x")
