import ArgumentParser
import GRDB
import HummingbirdTLS
import Yams
import Crypto
print("x")
