// A MongoDB stand-in for the tests: java -cp 'lib/*' Mongod.java PORT [FILE]; in memory, or on disk in FILE.
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.AbstractMongoBackend;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

public class Mongod {
    // Out of the box the server reports wire version 8, which the driver refuses.
    static class Version5 implements MongoVersion {
        public List<Integer> getVersionArray() { return List.of(5, 0, 0); }
        public int getWireVersion() { return 13; }
    }

    public static void main(String[] args) throws Exception {
        AbstractMongoBackend backend = args.length > 1 ? new H2Backend(args[1]) : new MemoryBackend();
        backend.version(new Version5());
        MongoServer server = new MongoServer(backend);
        server.bind("127.0.0.1", Integer.parseInt(args[0]));
        System.out.println("listening " + server.getLocalAddress().getPort());
        while (System.in.read() != -1) {}
        server.shutdownNow();
        System.exit(0);
    }
}
