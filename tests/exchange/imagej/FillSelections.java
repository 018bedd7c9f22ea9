import ij.gui.Roi;
import ij.io.RoiDecoder;
import ij.io.RoiEncoder;
import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Reads every ROI zip of a folder with ImageJ. Into a second folder it writes the selections as ImageJ saves them (NAME.zip) and the
 * pixels ImageJ fills (NAME.zip.masks: x, y, width, height as 32-bit numbers, then a byte a pixel).
 */
public class FillSelections {
    public static void main(String[] folders) throws Exception {
        for (File file : new File(folders[0]).listFiles((folder, name) -> name.endsWith(".zip"))) {
            File saved = new File(folders[1], file.getName());
            try (ZipInputStream in = new ZipInputStream(new FileInputStream(file));
                    ZipOutputStream zip = new ZipOutputStream(new FileOutputStream(saved));
                    DataOutputStream masks = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(saved + ".masks")))) {
                for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                    if (!entry.getName().endsWith(".roi")) continue;
                    Roi roi = new RoiDecoder(in.readAllBytes(), entry.getName()).getRoi();
                    writeMask(roi, masks);
                    zip.putNextEntry(new ZipEntry(entry.getName()));
                    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(zip));
                    new RoiEncoder(out).write(roi);
                    out.flush();
                }
            }
        }
    }

    private static void writeMask(Roi roi, DataOutputStream out) throws Exception {
        Rectangle box = roi.getBounds();
        ImageProcessor mask = roi.getMask();
        for (int side : new int[] {box.x, box.y, box.width, box.height}) out.writeInt(side);
        for (int y = 0; y < box.height; y++)
            for (int x = 0; x < box.width; x++) out.writeByte(mask == null || mask.get(x, y) != 0 ? 1 : 0);
    }
}
