import type { Mask } from '../../layers/define.ts';
import type { ColumnProfile } from './column-profile.ts';

/** Column names that departments give to personal data, Chinese and English; the first that fits decides. */
const BY_NAME: readonly (readonly [RegExp, Mask])[] = [
  [
    /身份证|身份證|证件号|證件號|公民身份|居民身份|护照|護照|(^|_)(id_?(no|card|number)|ssn|passport(_?no)?)$/i,
    'id_no',
  ],
  [/手机|手機|电话|電話|联系方式|聯絡方式|(^|_)(tele)?phone(_?(no|number))?$|(^|_)(mobile|cell_?phone|tel)$/i, 'phone'],
  [/邮箱|郵箱|电子邮件|電子郵件|(^|_)e_?mail(_?address)?$/i, 'email'],
  [/车牌|車牌|号牌号码|(^|_)(licen[cs]e_?plate|plate_?(no|number))$/i, 'plate'],
  [/银行卡|銀行卡|银行账|开户账号|(^|_)(bank_?(card|account)|iban)$/i, 'bank_card'],
  [/住址|户籍地|戶籍地|家庭地址|现居|(^|_)home_?address$/i, 'address'],
  [/出生(日期|年月)|生日|(^|_)(birth(_?(date|day))?|dob|date_?of_?birth)$/i, 'birth_date'],
  [
    /姓名|户主|戶主|联系人|聯絡人|法定代表人|法人代表|业主|房东|承租人|租户|监护人|当事人|申请人|报案人|举报人|死者|患者|(^|_)(full_?name|first_?name|last_?name|surname|given_?name|owner(_?name)?|contact(_?(name|person))?|legal_?person|patient(_?name)?)$/i,
    'name',
  ],
];

/** Values that give themselves away, whatever the column is called. A share of those seen must fit. */
const BY_VALUE: readonly (readonly [RegExp, Mask])[] = [
  [/^\d{6}(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])\d{3}[\dXx]$/, 'id_no'],
  [/^(\+?86[- ]?)?1\d{10}$/, 'phone'],
  [/^[\w.+-]+@[\w-]+(\.[\w-]+)+$/, 'email'],
];
const SHARE = 0.6;

/**
 * How a column of a file that nobody has looked at must be masked, or null when nothing says that it is about a person.
 * It errs on the side of masking: an office's telephone number that is hidden is put right in the definition, a
 * person's that was shown is not.
 */
export function personalMask(column: ColumnProfile): Mask | null {
  const name = column.name.trim().replace(/[\s-]+/g, '_');
  const named = BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
  if (named !== undefined) return named === 'birth_date' && column.type !== 'date' ? 'code' : named;
  const { samples } = column;
  const valued = BY_VALUE.find(
    ([pattern]) => samples.length > 0 && samples.filter((text) => pattern.test(text)).length >= samples.length * SHARE,
  );
  return valued?.[1] ?? null;
}
